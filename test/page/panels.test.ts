/** The panels: state diagram, windows, timers and queues, controls. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type {
  Clock,
  ConnectionRow,
  FromPage,
  LinkDirection,
  Queues,
  Snapshot,
  ToPage,
} from "../../src/inspect/protocol.ts";
import type { TcpState } from "../../src/tcp/states.ts";
import type { TraceEvent } from "../../src/trace/event.ts";
import { TraceWriter } from "../../src/trace/json-lines.ts";
import { axeFaults, openPage, PHONE, withBrowser } from "./browser.ts";
import { hello, row } from "./messages.ts";
import { PageServer } from "./page-server.ts";
import { tracedScene } from "./traced-scene.ts";

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

function sent(time: number, sequence: number, length: number): TraceEvent {
  const data = { sequence, acknowledgment: 1, flags: "ACK", length, window: 65_536, reason: "text" } as const;
  return { time, host: "a", connection: 1, name: "tcp:sent", data };
}

function snapshot(connection: number, time: number): Snapshot {
  return {
    type: "snapshot",
    connection,
    time,
    state: "ESTABLISHED",
    metrics: {
      cwnd: 3000,
      inFlight: 3000,
      sendWindow: 65_536,
      receiveWindow: 65_536,
      srtt: 10_000,
      rttvar: 1000,
      minRtt: 9000,
      rto: 210_000,
    },
    send: {
      unacknowledged: 1001,
      initial: 1,
      next: 3000,
      windowEnd: 65_536,
      congestionEnd: 3000,
      written: 9000,
      capacity: 65_536,
      pieces: [{ start: 0, end: 3000, fate: "in-flight" }],
      blockedBy: "congestion-window",
    },
    receive: { next: 1, initial: 0, readable: 0, windowEnd: 65_536, capacity: 65_536, islands: [[10, 20]] },
    timers: [{ timer: "retransmit", setAt: time, at: time + 210_000 }],
  };
}

function timer(time: number, change: "set" | "fired", at?: number): TraceEvent {
  const data = { timer: "retransmit", change, ...(at !== undefined && { at }) } as const;
  return { time, host: "a", connection: 1, name: "tcp:timer", data };
}

const QUEUES: Queues = {
  type: "queues",
  time: 1_000_000,
  listeners: [
    {
      ...{ host: "b", local: "::", localPort: 80, halfOpen: 37, waiting: 2, backlog: 128, overflows: 3 },
      ...{ drops: 12, cookiesSent: 40, cookiesAccepted: 4, cookiesRefused: 1 },
    },
  ],
  drops: [{ host: "b", reason: "tcp-syn-queue-full", count: 12 }],
};

function clock(state: Clock["state"], speed: number): Clock {
  return { type: "clock", now: 1_000_000, state, speed, next: 1_000_500, events: 42 };
}

function wire(changes: Partial<LinkDirection>): ToPage {
  const perfect = { loss: 0, delay: 0, jitter: 0, rateBytesPerSecond: 0, isCut: false, hasGate: true };
  const direction = { id: "a → b", from: "a", to: "b", ...perfect, ...changes };
  return { type: "links", links: [{ name: "wire", directions: [direction] }] };
}

/** A scene that was recorded, as a file. */
function traceFile(id: string): { readonly name: string; readonly bytes: Uint8Array } {
  const chunks: string[] = [];
  const writer = new TraceWriter(chunk => chunks.push(chunk), { title: id, hosts: ["client", "server"] });
  for (const event of tracedScene(id).events) writer.event(event);
  writer.flush();
  return { name: `${id}.jsonl`, bytes: Buffer.from(chunks.join("")) };
}

withBrowser("the panels of a file and of a simulation", () => {
  test("a file's states, windows and timers are those at the cursor, or at its end", async () => {
    const { address } = await PageServer.forTest(traceFile("four-segment-close"));
    const page = await openPage(`${address}#view=states&connection=1`);
    const client = page.getByRole("img", { name: /State diagram of client .* in CLOSED/u });
    await client.waitFor();
    await page.keyboard.press("5");
    await page.getByText("put together from the segments").first().waitFor();
    await page.getByRole("button", { name: /ESTABLISHED → FIN-WAIT-1/u }).click();
    await page.getByRole("img", { name: /State diagram of client .* in FIN-WAIT-1/u }).waitFor();
    await page.getByRole("img", { name: "wait to be acknowledged" }).first().waitFor();
    await page.keyboard.press("6");
    await page.getByRole("row", { name: "Retransmission" }).first().waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  test("a simulation that runs moves the states and the windows on, and its clock", async () => {
    const { address } = await PageServer.forTest("none");
    const page = await openPage(`${address}#scene=three-way-handshake&view=states`);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("paused").waitFor();
    const steps = page.getByRole("button", { name: "Step", exact: true });
    const open = page.getByRole("img", { name: /State diagram of server .* in ESTABLISHED/u });
    await expect
      .poll(
        async () => {
          await steps.click();
          return open.count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await page.keyboard.press("5");
    await page.getByText("Now, at").first().waitFor();
    await page.getByLabel("Seed").fill("77");
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("running").waitFor();
    expect(await page.getByLabel("Seed").inputValue()).toBe("77");
  });
});

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

  test("the windows follow the snapshots, and go back with the cursor to those that were kept", async () => {
    const page = await openView("windows", {}, snapshot(1, 1_000_000), snapshot(2, 1_000_000));
    const client = page.getByRole("region", { name: "a 10.0.0.1:40001" });
    await client.getByText("Now, at 1.000000 s.").waitFor();
    await client.getByRole("img", { name: "the congestion window is full. 5.86 KiB are written" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    const later = snapshot(1, 1_100_000);
    server.say({ ...later, send: { ...later.send, windowEnd: 0, blockedBy: "peer-window" } });
    await client.getByRole("img", { name: "The peer's window is closed" }).waitFor();
    server.say({ type: "events", events: [step(1, 1_050_000, "ESTABLISHED", "CLOSE-WAIT", "FIN received")] });
    await page.keyboard.press("4");
    await page.getByRole("button", { name: "3 ESTABLISHED → CLOSE-WAIT" }).click();
    await client.getByText("As it was at 1.000000 s.").waitFor();
    await client.getByRole("img", { name: "the congestion window is full" }).waitFor();
  });

  test("without snapshots the windows are put together from the segments", async () => {
    const page = await openView(
      "windows",
      { locale: "zh-CN", viewport: PHONE },
      {
        type: "events",
        events: [sent(5000, 101, 1000), sent(6000, 1101, 500)],
      },
    );
    await page.getByText("由报文段推出").first().waitFor();
    await page.getByRole("img", { name: "1.46 KiB 等待确认。" }).waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
  });

  test("armed timers count down by themselves, queues fill, drops have their reasons", async () => {
    const page = await openView("timers", {}, snapshot(1, 1_000_000), QUEUES, {
      type: "events",
      events: [timer(900_000, "set", 1_100_000), timer(950_000, "fired"), timer(1_000_000, "set", 1_210_000)],
    });
    const row = page.getByRole("row", { name: "Retransmission" }).first();
    await row.waitFor();
    // It was set for 210 ms: without another word it comes to be due.
    await row.getByText("due").waitFor();
    await page.getByText("37 of 129").waitFor();
    await page.getByRole("row", { name: "b SYN queue full 12" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "0.950000" }).click();
    await page.getByRole("row", { name: "Retransmission at rest 1 0" }).waitFor();
  });

  test("controls ask, and show what they are told", async () => {
    const simulation = { time: true, links: true };
    const greeting = hello({ kind: "simulation", title: "A scene", seed: 7, abilities: simulation });
    const page = await openView("timers", {}, greeting, clock("running", 1), wire({ delay: 10_000 }));
    await page.getByRole("button", { name: "Pause" }).click();
    await expectAsked({ type: "control", action: "pause" });
    server.say(clock("paused", 1));
    await page.getByRole("button", { name: "Go on" }).waitFor();
    await page.getByText("next event in 500 µs").waitFor();
    await page.getByLabel("Speed").press("ArrowRight");
    await expectAsked({ type: "control", action: "speed", speed: 1.2 });
    await page.locator("summary", { hasText: "Wires" }).click();
    expect(await axeFaults(page)).toEqual([]);
    const delay = page.getByLabel("Delay (ms), a → b", { exact: true });
    await delay.fill("20");
    await delay.press("Enter");
    await expectAsked({ type: "control", action: "impair", direction: "a → b", delay: 20_000 });
    expect(await delay.getAttribute("aria-busy")).toBe("true");
    server.say(wire({ delay: 25_000 }));
    await expect.poll(() => delay.inputValue()).toBe("25");
    const cut = page.getByLabel("Cut, a → b");
    await cut.click();
    await expectAsked({ type: "control", action: "impair", direction: "a → b", isCut: true });
    expect(await cut.isChecked()).toBe(false);
    server.say(wire({ isCut: true }));
    await expect.poll(() => cut.isChecked()).toBe(true);
    await page.getByRole("button", { name: "Drop, a → b" }).click();
    await expectAsked({ type: "control", action: "drop-next", direction: "a → b" });
    await page.getByRole("button", { name: "Next seed" }).click();
    await expectAsked({ type: "control", action: "replay", seed: 8 });
  });

  test("what is real is watched only", async () => {
    const page = await openView("states", {});
    await page.getByRole("img", { name: "State diagram of a" }).waitFor();
    await page.getByText("This is watched only").waitFor();
    expect(await page.getByRole("button", { name: /Pause|Go on|Step/u }).count()).toBe(0);
  });

  function expectAsked(control: FromPage): Promise<void> {
    return expect.poll(() => server.heard).toContainEqual(control);
  }
});
