/**
 * Traces of whole transfers add up: what was sent arrived or was lost, what was acknowledged was sent, states
 * are a walk over the table of edges, what fired was set; and the same seed gives the same trace.
 */
import { describe, expect, test } from "vitest";
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { Fnv64 } from "../../src/sim/fnv.ts";
import { ADDRESS_B, twoHosts } from "../../src/sim/sim-host.ts";
import type { LinkOptions } from "../../src/sim/topology.ts";
import { World } from "../../src/sim/world.ts";
import { isCauseOf, type StateCause } from "../../src/tcp/states.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { EventName, EventOf, SegmentEvent, TraceEvent } from "../../src/trace/event.ts";
import { traceLink } from "../../src/trace/link-trace.ts";
import { TraceRecorder } from "../../src/trace/recorder.ts";
import { readAll, writeThenClose } from "./tcp-world.ts";

const SIZE = 300_000;
const CLIENT = 1;
const SERVER = 2;

interface Run {
  readonly seed: number;
  readonly link: LinkOptions;
  readonly tcp?: Partial<TcpConfig>;
  readonly for?: Duration;
}

function run({ seed, link, tcp, for: duration = seconds(400) }: Run): TraceEvent[] {
  const world = new World({ seed });
  const ends = { hostA: { tcp }, hostB: { tcp } };
  const {
    a,
    b,
    link: wire,
  } = twoHosts(world, { medium: "ip", ends: ["client", "server"], ...ends, ...link });
  const events: TraceEvent[] = [];
  const recorder = new TraceRecorder({ sink: event => events.push(event) });
  for (const host of [a, b]) recorder.watch(host);
  traceLink(wire, recorder);
  b.tcp.listen({ port: 80 }).observer = {
    acceptable: listener => {
      const server = listener.accept();
      server?.observe({
        connectionEvent: () => {
          readAll(server);
          if (server.isAtEnd) server.close();
        },
      });
    },
  };
  writeThenClose(a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 }), new Uint8Array(SIZE));
  world.runFor(duration);
  return events;
}

function of<Name extends EventName>(
  events: readonly TraceEvent[],
  name: Name,
  connection?: number,
): Array<EventOf<Name>> {
  return events.filter(
    (event): event is EventOf<Name> =>
      event.name === name && (connection === undefined || event.connection === connection),
  );
}

const wire = (loss: number, others: object = {}): LinkOptions => ({
  aToB: { delay: milliseconds(10), loss, ...others },
  bToA: { delay: milliseconds(10), loss, ...others },
});

const RUNS: ReadonlyArray<readonly [string, Run]> = [
  ["nothing is lost", { seed: 1, link: wire(0) }],
  ["2 % are lost", { seed: 2, link: wire(0.02) }],
  ["10 % are lost", { seed: 3, link: wire(0.1) }],
  ["a queue that is too short", { seed: 4, link: wire(0, { rateBytesPerSecond: 500_000, queueLimit: 6 }) }],
  ["frames that overtake each other", { seed: 5, link: wire(0.01, { jitter: milliseconds(6) }) }],
  ["losses without SACK", { seed: 6, link: wire(0.03), tcp: { sack: false } }],
  ["losses with BBR, which paces", { seed: 7, link: wire(0.02), tcp: { congestionControl: "bbr" } }],
];

describe.each(RUNS)("%s", (_name, options) => {
  const events = run(options);

  test("both ends are there, and leave", () => {
    expect(of(events, "tcp:opened").map(({ connection, data }) => [connection, data.role])).toEqual([
      [CLIENT, "active"],
      [SERVER, "passive"],
    ]);
    expect(of(events, "tcp:ended").map(({ connection, data }) => [connection, data])).toEqual(
      expect.arrayContaining([
        [CLIENT, {}],
        [SERVER, {}],
      ]),
    );
  });

  test("each segment that was sent arrived, or was lost", () => {
    for (const [from, to] of [
      [CLIENT, SERVER],
      [SERVER, CLIENT],
    ] as const) {
      const sent = segmentsIn(of(events, "tcp:sent", from));
      const lost = segmentsIn(of(events, "link:lost", from));
      const arrived = segmentsIn(of(events, "tcp:received", to));
      expect(arrived + lost).toBe(sent);
    }
  });

  test("each byte that was sent is acknowledged in the end, and was held for lost if it was lost", () => {
    const sent = of(events, "tcp:sent", CLIENT);
    const [first] = sent;
    const acknowledged = of(events, "tcp:acknowledged", CLIENT).reduce(
      (sum, { data }) => sum + data.bytes,
      0,
    );
    // SYN and FIN have a number each.
    expect(acknowledged).toBe(SIZE + 2);
    const last = of(events, "tcp:acknowledged", CLIENT).at(-1)?.data.acknowledgment ?? 0;
    expect((last - (first?.data.sequence ?? 0)) >>> 0).toBe(SIZE + 2);
    const again = sent.filter(({ data }) => data.cause !== undefined && data.cause !== "tlp");
    const found = of(events, "tcp:lost", CLIENT).reduce((sum, { data }) => sum + data.length, 0);
    expect(again.reduce((sum, { data }) => sum + numbersOf(data), 0)).toBeLessThanOrEqual(found);
    expect(of(events, "tcp:written", CLIENT).reduce((sum, { data }) => sum + data.bytes, 0)).toBe(SIZE);
    expect(of(events, "tcp:read", SERVER).reduce((sum, { data }) => sum + data.bytes, 0)).toBe(SIZE);
  });

  test("states are a walk over the table of edges, each with a cause of its edge", () => {
    for (const [connection, start] of [
      [CLIENT, "CLOSED"],
      [SERVER, "LISTEN"],
    ] as const) {
      let at: string = start;
      for (const { data } of of(events, "tcp:state", connection)) {
        expect(data.from).toBe(at);
        expect(isCauseOf(data.from, data.to, data.cause as StateCause), data.cause).toBe(true);
        at = data.to;
      }
      expect(at).toBe("CLOSED");
    }
  });

  test("what fired or was cancelled had been set, and fired when it was to", () => {
    const armed = new Map<string, number>();
    for (const { connection, time, data } of of(events, "tcp:timer")) {
      const key = `${connection} ${data.timer}`;
      if (data.change === "set") {
        expect(data.at).toBeGreaterThanOrEqual(time);
        armed.set(key, data.at ?? 0);
        continue;
      }
      expect(armed.has(key), `${key} ${data.change} at ${time}`).toBe(true);
      if (data.change === "fired") expect(time).toBe(armed.get(key));
      armed.delete(key);
    }
    expect([...armed.keys()]).toEqual([]);
  });

  test("what was entered was left: one state of recovery after the other", () => {
    for (const connection of [CLIENT, SERVER]) {
      let state = "open";
      for (const { data } of of(events, "tcp:recovery", connection)) {
        if (data.change === "undone") continue;
        expect(state).toBe(data.change === "entered" ? "open" : data.kind);
        state = data.change === "entered" ? data.kind : "open";
      }
    }
  });

  test("metrics only when they have changed; time does not run backwards", () => {
    for (const connection of [CLIENT, SERVER]) {
      const told = of(events, "tcp:metrics", connection).map(({ data }) => JSON.stringify(data));
      expect(told.filter((text, i) => text === told[i - 1])).toEqual([]);
    }
    expect(events.filter(({ time }, i) => time < (events[i - 1]?.time ?? 0))).toEqual([]);
  });
});

test("losses are named: by RACK, by duplicates, by timeouts", () => {
  const causesOf = (options: Run): Set<string> =>
    new Set(of(run(options), "tcp:lost").map(({ data }) => data.cause));
  expect(causesOf({ seed: 3, link: wire(0.1) })).toContain("rack");
  expect(causesOf({ seed: 3, link: wire(0.1) })).toContain("timeout");
  expect(causesOf({ seed: 6, link: wire(0.03), tcp: { sack: false } })).toContain("fast");
});

test("the same seed gives the same trace, another one another", () => {
  const hash = (seed: number): string => {
    const fnv = new Fnv64();
    for (const event of run({ seed, link: wire(0.05) })) fnv.addText(JSON.stringify(event));
    return fnv.hex;
  };
  expect(hash(11)).toBe(hash(11));
  expect(hash(11)).not.toBe(hash(12));
});

function segmentsIn(events: ReadonlyArray<{ readonly data: SegmentEvent }>): number {
  return events.reduce((sum, { data }) => sum + (data.segments ?? 1), 0);
}

function numbersOf({ length, flags }: SegmentEvent): number {
  return length + (flags.includes("SYN") ? 1 : 0) + (flags.includes("FIN") ? 1 : 0);
}
