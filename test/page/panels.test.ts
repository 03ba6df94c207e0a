/** The panels: state diagram, windows, timers and queues, controls. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ConnectionRow, ToPage } from "../../src/inspect/protocol.ts";
import type { TcpState } from "../../src/tcp/states.ts";
import type { TraceEvent } from "../../src/trace/event.ts";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { hello, row } from "./messages.ts";
import { PageServer } from "./page-server.ts";

/** Both ends of one connection. */
const CLIENT = row(1);
const SERVER: ConnectionRow = row(2, {
  host: "b",
  local: "10.0.0.2",
  localPort: 80,
  remote: "10.0.0.1",
  remotePort: 40_001,
  role: "passive",
});

function step(connection: number, time: number, from: TcpState, to: TcpState, cause: string): TraceEvent {
  return {
    time,
    host: connection === 1 ? "a" : "b",
    connection,
    name: "tcp:state",
    data: { from, to, cause },
  };
}

const HANDSHAKE: readonly TraceEvent[] = [
  step(1, 1000, "CLOSED", "SYN-SENT", "active OPEN, SYN sent"),
  step(2, 2000, "LISTEN", "SYN-RECEIVED", "SYN received, SYN-ACK sent"),
  step(1, 3000, "SYN-SENT", "ESTABLISHED", "SYN-ACK received, ACK sent"),
  step(2, 4000, "SYN-RECEIVED", "ESTABLISHED", "ACK of our SYN received"),
];

withBrowser("the panels", () => {
  let server: PageServer;

  beforeAll(async () => {
    server = await PageServer.start("live");
    server.greet = () => server.say(hello(), { type: "rows", time: 5000, rows: [CLIENT, SERVER], gone: [] });
  });

  afterEach(() => {
    server.heard.length = 0;
  });

  afterAll(() => server.close());

  /** Opens a view, and tells it about the connections that it asks for. */
  async function openView(view: string, options: Parameters<typeof openPage>[1], ...messages: ToPage[]) {
    const page = await openPage(`${server.address}#view=${view}&connection=1`, options);
    await expect.poll(() => server.heard).toContainEqual({ type: "watch", connections: [1, 2] });
    server.say({ type: "events", events: HANDSHAKE }, ...messages);
    return page;
  }

  test("the state diagram shows both ends, and a step sets the cursor that takes it back", async () => {
    const page = await openView("states", {});
    const client = page.getByRole("img", { name: "State diagram of a 10.0.0.1:40001: in ESTABLISHED" });
    await client.waitFor();
    await page.getByRole("img", { name: "State diagram of b 10.0.0.2:80: in ESTABLISHED" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "1 CLOSED → SYN-SENT" }).click();
    await page.getByRole("img", { name: "State diagram of a 10.0.0.1:40001: in SYN-SENT" }).waitFor();
    await page.getByRole("img", { name: "State diagram of b 10.0.0.2:80: in LISTEN" }).waitFor();
    await page.getByRole("button", { name: "Back to now" }).click();
    await client.waitFor();
  });

  test("on a phone, in Chinese and in the dark, the state diagram is as whole", async () => {
    const page = await openView("states", {
      viewport: PHONE,
      locale: "zh-CN",
      colorScheme: "dark",
    });
    await page.getByRole("img", { name: "a 10.0.0.1:40001 的状态图" }).waitFor();
    await page.getByRole("cell", { name: "收到 SYN-ACK，发送 ACK" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
  });
});
