/** The inspector as users open it: with `postel up`, by `--inspect`, and by `postel view`. */
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { PcapngWriter } from "../../src/capture/pcapng-writer.ts";
import type { FromPage, ToPage } from "../../src/inspect/protocol.ts";
import { readTrace } from "../../src/trace/json-lines.ts";
import { curl, postel, type Running, startPostel, startUp, temporaryFile } from "./postel.ts";

type Said<Type extends ToPage["type"]> = Extract<ToPage, { readonly type: Type }>;

/** A page without a browser. */
class Page {
  readonly #socket: WebSocket;
  readonly #said: ToPage[] = [];
  #onMessage: () => void = () => {};

  constructor(url: string) {
    const origin = url.replace(/\/$/, "");
    this.#socket = new WebSocket(`${origin.replace("http", "ws")}/channel`, { headers: { Origin: origin } });
    this.#socket.on("message", (data: Buffer) => {
      this.#said.push(JSON.parse(data.toString()) as ToPage);
      this.#onMessage();
    });
    onTestFinished(() => this.#socket.terminate());
  }

  says(message: FromPage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The first message of a type that is as wanted. */
  async hears<Type extends ToPage["type"]>(
    type: Type,
    isWanted: (message: Said<Type>) => boolean = () => true,
  ): Promise<Said<Type>> {
    for (;;) {
      const found = this.#said.find(
        (message): message is Said<Type> => message.type === type && isWanted(message as Said<Type>),
      );
      if (found !== undefined) return found;
      await new Promise<void>(resolve => {
        this.#onMessage = resolve;
      });
    }
  }
}

const inspectorOf = (running: Running): Promise<string> =>
  running.printed(/The inspector is at (http:\/\/127\.0\.0\.1:\d+\/)/);

describe("postel up", () => {
  test("opens the inspector by itself: both hosts, their connections, and a wire that may be changed", async () => {
    const { up, url } = await startUp("--quiet");
    const page = new Page(await inspectorOf(up));
    const hello = await page.hears("hello");
    expect(hello).toMatchObject({
      kind: "live",
      title: "postel up",
      abilities: { time: false, links: true },
    });
    expect(hello.hosts.map(({ name }) => name)).toEqual(["server", "gate"]);
    expect(Math.abs((hello.epoch ?? 0) - Date.now() * 1_000)).toBeLessThan(600e6);
    const direction = (await page.hears("links")).links[0]?.directions[0]?.id ?? "";
    page.says({ type: "control", action: "impair", direction, delay: 30_000 });
    await page.hears("links", ({ links }) => links[0]?.directions[0]?.delay === 30_000);
    await curl(["-o", "/dev/null", `${url}bytes/100000`]);
    const { rows } = await page.hears("rows", ({ rows: told }) =>
      told.some(({ host, srtt, bytesSent }) => host === "server" && bytesSent > 100_000 && srtt >= 30_000),
    );
    const connection = rows.find(({ host }) => host === "server")?.connection ?? 0;
    page.says({ type: "watch", connections: [connection] });
    await page.hears("events", ({ events }) => events[0]?.connection === connection);
    page.says({ type: "watch-packets", on: true, filter: "tcp port 80" });
    await page.hears("packets");
    expect((await up.interrupt()).code).toBe(0);
  });

  test("does without it where it is not wanted", async () => {
    const { up } = await startUp("--quiet", "--no-inspect");
    expect(up.stdout).not.toContain("inspector");
    expect((await up.interrupt()).code).toBe(0);
  });

  test("fails where its port was asked for and is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await postel(["up", "--listen", "127.0.0.1:0", "--inspect-port", String(port)]);
    expect([code, stderr]).toEqual([
      1,
      `postel: Port ${port} of 127.0.0.1 is in use by another program: stop that program or choose another port.\n`,
    ]);
  });
});

test("--inspect on a link shows all hosts of ours, and makes its wire one that may be changed", async () => {
  const ping = startPostel(["ping", "--inspect", "--inspect-port", "0", "-i", "0.1", "target"]);
  const page = new Page(await inspectorOf(ping));
  const hello = await page.hears("hello");
  expect(hello.hosts.map(({ name }) => name)).toEqual(["us", "router1", "router2", "target"]);
  const { links } = await page.hears("links");
  expect(links[0]?.directions.map(({ id }) => id)).toEqual(["us → router1", "router1 → us"]);
  page.says({ type: "watch-packets", on: true, filter: "icmp" });
  await page.hears("packets", ({ packets }) => packets.some(packet => packet.interface === "us-router1"));
  await ping.interrupt();
});

test("--trace puts down what happens in the hosts, for the page to be read", async () => {
  const path = temporaryFile("get.jsonl");
  const { code } = await postel([
    "get",
    "--link",
    "sim",
    "--trace",
    path,
    "-o",
    "/dev/null",
    "http://target/",
  ]);
  expect(code).toBe(0);
  const { header, events } = readTrace(readFileSync(path, "utf8"));
  expect(header).toMatchObject({ title: "sim", hosts: ["us", "router1", "router2", "target"] });
  const walk = events.flatMap(event =>
    event.name === "tcp:state" && event.host === "us" ? event.data.to : [],
  );
  expect(walk.slice(0, 2)).toEqual(["SYN-SENT", "ESTABLISHED"]);
  expect((await postel(["ping", "-c", "1", "--trace", "/nonexistent/x", "target"])).stderr).toBe(
    "postel: There is no file /nonexistent/x, or no such directory.\n",
  );
});

describe("postel view", () => {
  test("shows a file, and scenes without one", async () => {
    const path = temporaryFile("one.pcapng");
    const chunks: Uint8Array[] = [];
    const writer = new PcapngWriter(chunk => chunks.push(chunk.slice()));
    writer.packet(writer.addInterface({ linkType: 1 }), 0, new Uint8Array(60), 0, 60, {});
    writer.end();
    const capture = Buffer.concat(chunks);
    writeFileSync(path, capture);
    const view = startPostel(["view", "--port", "0", path]);
    const url = await view.printed(/Open (http:\/\/127\.0\.0\.1:\d+\/) in a browser/);
    const source = JSON.parse((await curl([`${url}source.json`])).toString());
    expect(source).toEqual({ source: "file", name: "one.pcapng", size: capture.length });
    expect((await curl([`${url}file`])).equals(capture)).toBe(true);
    expect((await curl([url])).toString()).toContain("<!doctype html>");
    expect((await view.interrupt()).code).toBe(0);
    const trace = temporaryFile("marked.jsonl");
    writeFileSync(trace, "\ufeff{}\n");
    const marked = startPostel(["view", "--port", "0", trace]);
    await marked.printed(/Open /);
    expect((await marked.interrupt()).code).toBe(0);
    const scenes = startPostel(["view", "--port", "0"]);
    const place = await scenes.printed(/Open (http:\/\/127\.0\.0\.1:\d+\/) in a browser/);
    expect((await curl([`${place}source.json`])).toString()).toBe('{"source":"none"}');
    expect((await scenes.interrupt()).code).toBe(0);
  });

  test("refuses what it cannot show with a sentence", async () => {
    const text = temporaryFile("text.txt");
    writeFileSync(text, "hello");
    const folder = temporaryFile("folder");
    mkdirSync(folder);
    const cases: ReadonlyArray<readonly [string, RegExp]> = [
      [text, /text\.txt is neither a capture \(pcap, pcapng\) nor a trace \(JSON lines\)\.\n$/],
      [folder, /folder is no file: give a capture or a trace\.\n$/],
      [`${text}.gone`, /^postel: .*text\.txt\.gone.*\.\n$/],
    ];
    for (const [path, sentence] of cases) {
      const { code, stderr } = await postel(["view", path]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
    }
  });
});
