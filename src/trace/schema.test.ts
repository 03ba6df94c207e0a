/**
 * The schema in `docs/` and the check of the reader say the same: of what is recorded in a simulation, and of
 * the same with one thing wrong.
 */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../base/time.ts";
import { ADDRESS_B, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import type { TraceEvent } from "./event.ts";
import { EVENT_NAMES, faultOfEvent, isObject } from "./event-shape.ts";
import { readTrace, TraceWriter } from "./json-lines.ts";
import { traceLink } from "./link-trace.ts";
import { TraceRecorder } from "./recorder.ts";

const schema = JSON.parse(readFileSync(new URL("../../docs/trace.schema.json", import.meta.url), "utf8"));
const isLine = new Ajv2020({ strict: false }).compile(schema);

/** A transfer over a bad wire, and a segment for nobody. */
function recorded(): TraceEvent[] {
  const world = new World({ seed: 3 });
  const wire = {
    delay: milliseconds(10),
    loss: 0.05,
    duplicate: 0.02,
    corrupt: 0.02,
    jitter: milliseconds(2),
  };
  const { a, b, link } = twoHosts(world, { aToB: wire, bToA: wire });
  const events: TraceEvent[] = [];
  const recorder = new TraceRecorder({ sink: event => events.push(event) });
  for (const host of [a, b]) recorder.watch(host);
  traceLink(link, recorder);
  const listener = b.tcp.listen({ port: 80, backlog: 0 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 81 });
  world.runFor(seconds(5));
  client.send(new Uint8Array(60_000));
  world.runFor(seconds(10));
  const server = listener.accept();
  server?.receive(new Uint8Array(60_000));
  client.close();
  server?.close();
  for (let i = 0; i < 8; i++) a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(100));
  return events;
}

/** What the simulation has none of. */
const OTHERS: readonly TraceEvent[] = [
  { time: 1, host: "", connection: 0, name: "scene:remark", data: { remark: 3 } },
  { time: 1, host: "", connection: 0, name: "trace:skipped", data: { events: 3 } },
  { time: 1, host: "", connection: 0, name: "tcp:overflow", data: { queue: "syn", localPort: 80 } },
  {
    time: 1,
    host: "",
    connection: 0,
    name: "tcp:cookie",
    data: { change: "sent", remote: "10.0.0.1", remotePort: 80 },
  },
  {
    time: 1,
    host: "",
    connection: 1,
    name: "analysis:finding",
    data: { severity: "note", code: "slow", values: { rate: 3, who: "server" } },
  },
];

const plain = (event: TraceEvent): Record<string, unknown> => JSON.parse(JSON.stringify(event));

test("what is recorded is as the schema says, and of every kind", () => {
  const events = [...recorded(), ...OTHERS];
  for (const event of events) {
    expect(faultOfEvent(plain(event)), JSON.stringify(event)).toBe(undefined);
    expect(isLine(plain(event)), JSON.stringify(event)).toBe(true);
  }
  const missing = EVENT_NAMES.filter(name => !events.some(event => event.name === name));
  expect(missing).toEqual([]);
});

test("so is the header", () => {
  const lines: string[] = [];
  new TraceWriter(chunk => lines.push(chunk), { title: "t", hosts: ["a"], epoch: 5 }).flush();
  expect(isLine(JSON.parse(lines.join("")))).toBe(true);
});

test("the reader refuses what the schema refuses, and nothing else", () => {
  const wrong = ["x", -1, 1.5, 2 ** 33, true, null, [], {}, [1, 2], "rack", "SYN-SENT", "x".repeat(1_025)];
  const seen = new Set<string>();
  for (const event of [...recorded(), ...OTHERS]) {
    // One of each kind with the same fields is enough.
    const kind = `${event.name} ${Object.keys(event.data)}`;
    if (seen.has(kind)) continue;
    seen.add(kind);
    for (const [place, field] of fieldsOf(plain(event))) {
      for (const value of [undefined, ...wrong]) {
        const changed = plain(event);
        const target = place === "data" && isObject(changed["data"]) ? changed["data"] : changed;
        if (value === undefined) delete target[field];
        else target[field] = value;
        const what = JSON.stringify(changed).slice(0, 400);
        expect(faultOfEvent(changed) === undefined, what).toBe(isLine(changed));
      }
    }
  }
  expect(seen.size).toBeGreaterThan(EVENT_NAMES.length);
});

function fieldsOf(event: Record<string, unknown>): Array<readonly ["head" | "data", string]> {
  const data = isObject(event["data"]) ? Object.keys(event["data"]) : [];
  return [
    ...Object.keys(event).map(field => ["head", field] as const),
    ...data.map(field => ["data", field] as const),
  ];
}

test("the example of the documentation is a trace", () => {
  const page = readFileSync(new URL("../../docs/trace.md", import.meta.url), "utf8");
  const example = /```jsonl\n([\s\S]*?)\n```/.exec(page)?.[1] ?? "";
  const { header, events } = readTrace(example);
  expect(header.title).toBe("a lost segment");
  expect(events.filter(({ name }) => name === "link:lost")).toHaveLength(1);
  for (const line of example.split("\n")) expect(isLine(JSON.parse(line))).toBe(true);
});
