/** What each scene is about really happens in it: states, segments with their reasons, timers, losses. */
import { expect, test } from "vitest";
import { seconds } from "../base/time.ts";
import type { TcpState } from "../tcp/states.ts";
import type { EventName, EventOf, TraceEvent } from "../trace/event.ts";
import { TraceRecorder, traceLink } from "../trace/trace.ts";
import { Performance, type Scene, sceneNamed } from "./scenes.ts";

/** The events of a scene's run. */
class Recorded {
  readonly all: TraceEvent[] = [];
  readonly performance: Performance;

  constructor(id: string) {
    this.performance = new Performance(sceneNamed(id) as Scene, { selfCheck: true });
    const recorder = new TraceRecorder({ sink: event => this.all.push(event) });
    for (const host of this.performance.hosts) recorder.watch(host);
    for (const link of this.performance.links) traceLink(link, recorder);
    this.performance.run();
  }

  of<Name extends EventName>(name: Name, connection?: number): EventOf<Name>[] {
    return this.all.filter(
      (event): event is EventOf<Name> =>
        event.name === name && (connection === undefined || event.connection === connection),
    );
  }

  /** The states that an end went through. */
  walk(connection: number): TcpState[] {
    const moves = this.of("tcp:state", connection).map(({ data }) => data);
    return [...moves.slice(0, 1).map(({ from }) => from), ...moves.map(({ to }) => to)];
  }

  /** Flags of what an end sent. */
  flags(connection: number): string[] {
    return this.of("tcp:sent", connection).map(({ data }) => data.flags);
  }

  sentFor(reason: EventOf<"tcp:sent">["data"]["reason"], connection?: number): EventOf<"tcp:sent">[] {
    return this.of("tcp:sent", connection).filter(({ data }) => data.reason === reason);
  }

  fired(timer: EventOf<"tcp:timer">["data"]["timer"]): EventOf<"tcp:timer">[] {
    return this.of("tcp:timer").filter(({ data }) => data.timer === timer && data.change === "fired");
  }
}

const times = (events: readonly TraceEvent[]): number[] => events.map(({ time }) => time);
const gaps = (events: readonly TraceEvent[]): number[] =>
  times(events)
    .slice(1)
    .map((time, i) => time - (events[i]?.time ?? 0));

test("three-way handshake: SYN, SYN ACK, ACK", () => {
  const scene = new Recorded("three-way-handshake");
  expect([scene.walk(1), scene.walk(2)]).toEqual([
    ["CLOSED", "SYN-SENT", "ESTABLISHED"],
    ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"],
  ]);
  expect(
    scene
      .of("tcp:sent")
      .slice(0, 3)
      .map(({ data }) => data.flags),
  ).toEqual(["SYN", "SYN ACK", "ACK"]);
});

test("lost third ACK: text carries it; too late, it meets RST", () => {
  const scene = new Recorded("lost-third-ack");
  expect(scene.of("link:lost").map(({ data }) => data.flags)).toEqual(["ACK", "ACK", "ACK", "ACK"]);
  expect(scene.walk(2)).toEqual(["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]);
  expect(scene.walk(4)).toEqual(["LISTEN", "SYN-RECEIVED", "LISTEN"]);
  expect(scene.sentFor("retransmission", 4).map(({ data }) => data.cause)).toEqual(["syn", "syn"]);
  expect(scene.flags(4).at(-1)).toBe("RST");
  expect(scene.of("tcp:ended", 3).map(({ data }) => data.error)).toEqual(["ECONNRESET"]);
});

test("four-segment close: FIN, ACK, FIN, and the last ACK twice; 60 s of TIME-WAIT from the second", () => {
  const scene = new Recorded("four-segment-close");
  expect(scene.walk(1).slice(2)).toEqual(["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"]);
  expect(scene.walk(2).slice(2)).toEqual(["ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
  expect(scene.of("link:lost").map(({ connection, data }) => [connection, data.flags])).toEqual([[1, "ACK"]]);
  expect(scene.flags(2).filter(flags => flags === "FIN ACK").length).toBe(2);
  const [again] = scene.sentFor("time-wait", 1);
  expect(scene.of("tcp:ended", 1)[0]?.time).toBe((again?.time ?? 0) + seconds(60));
});

test("simultaneous open and close: the walks of figures 7 and 13, at both ends", () => {
  const scene = new Recorded("simultaneous");
  const walk = ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT"];
  expect([scene.walk(1), scene.walk(2)]).toEqual([walk, walk]);
});

test("retransmission timeout: a probe, then timeouts that double, until the wire is whole", () => {
  const scene = new Recorded("retransmission-timeout");
  expect(scene.sentFor("tail-loss-probe").length).toBe(1);
  const again = scene.sentFor("retransmission", 1);
  expect(again.map(({ data }) => data.cause)).toEqual(Array(5).fill("timeout"));
  const waits = gaps(again);
  for (const [i, wait] of waits.slice(1).entries()) expect(wait).toBe(2 * (waits[i] ?? 0));
  expect(scene.fired("retransmit").length).toBe(5);
  expect(scene.of("link:lost").every(({ data }) => data.fault === "cut")).toBe(true);
});

test("fast retransmit: one segment lost, one sent again, no timeout", () => {
  const scene = new Recorded("fast-retransmit");
  const [lost, ...others] = scene.of("link:lost");
  expect(others).toEqual([]);
  const again = scene.sentFor("retransmission");
  expect(again.map(({ data }) => data.sequence)).toEqual([lost?.data.sequence]);
  expect(["rack", "fast"]).toContain(again[0]?.data.cause);
  expect(scene.fired("retransmit")).toEqual([]);
  const changes = scene.of("tcp:recovery").map(({ data }) => `${data.change} ${data.kind}`);
  expect(changes.slice(-2)).toEqual(["entered recovery", "left recovery"]);
  const windows = scene.of("tcp:metrics", 1).map(({ data }) => data.cwnd);
  expect(windows.at(-1)).toBeLessThan(Math.max(...windows));
});

test("zero window: probes that back off; the lost update is learned by the next one", () => {
  const scene = new Recorded("zero-window");
  expect(scene.of("link:lost").map(({ host }) => host)).toEqual(["server"]);
  const probes = scene.sentFor("window-probe", 1);
  expect(probes.length).toBe(4);
  const [first = 0, second = 0, third = 0] = gaps(probes);
  expect([second, third]).toEqual([2 * first, 4 * first]);
  expect(scene.sentFor("window-update", 2).length).toBe(1);
  expect(scene.fired("persist").length).toBeGreaterThanOrEqual(4);
});

test("congestion control: the queue overflows; each recovers from losses, BBR is paced", () => {
  const scene = new Recorded("congestion-control");
  expect(new Set(scene.of("link:lost").map(({ data }) => data.fault))).toEqual(
    new Set(["lost", "queue-full"]),
  );
  const opened = scene.of("tcp:opened").filter(({ host }) => host === "client");
  expect(opened.map(({ data }) => data.congestionControl)).toEqual(["reno", "cubic", "bbr"]);
  for (const { connection } of opened) {
    expect(scene.of("tcp:recovery", connection).length).toBeGreaterThan(2);
    expect(scene.of("tcp:acknowledged", connection).length).toBeGreaterThan(100);
  }
  const paced = opened.map(
    ({ connection }) => scene.of("tcp:metrics", connection).at(-1)?.data.pacingRate !== undefined,
  );
  expect(paced).toEqual([false, false, true]);
});

test("delayed ACK meets Nagle: one ACK waits for 40 ms, and none with TCP_NODELAY", () => {
  const scene = new Recorded("nagle-delayed-ack");
  expect(scene.sentFor("delayed-ack").map(({ connection }) => connection)).toEqual([2]);
  const body = (connection: number) =>
    scene.sentFor("text", connection).filter(({ data }) => data.length === 6)[0]?.time ?? 0;
  const head = (connection: number) =>
    scene.sentFor("text", connection).filter(({ data }) => data.length === 56)[0]?.time ?? 0;
  expect(body(1) - head(1)).toBe(50_000);
  expect(body(3) - head(3)).toBe(1_000);
});

test("SYN flood: shut out without cookies, let in with one", () => {
  const scene = new Recorded("syn-flood");
  const server = scene.performance.hosts.find(({ name }) => name === "server");
  expect(server?.drops.get("tcp-syn-queue-full")).toBeGreaterThan(50);
  expect(scene.of("tcp:overflow").every(({ data }) => data.queue === "syn")).toBe(true);
  const accepted = scene.of("tcp:cookie").filter(({ data }) => data.change === "accepted");
  expect(accepted.map(({ data }) => data.remote)).toEqual(["10.0.0.1"]);
  const [client] = scene.of("tcp:opened").filter(({ host }) => host === "client");
  expect(scene.sentFor("retransmission", client?.connection).length).toBeGreaterThanOrEqual(4);
  expect(scene.walk(client?.connection ?? 0)).toEqual(["CLOSED", "SYN-SENT", "ESTABLISHED"]);
});

test("path MTU: a report shortens the segments; without reports timeouts do", () => {
  const scene = new Recorded("path-mtu");
  const cause = (connection: number) =>
    new Set(scene.of("tcp:lost", connection).map(({ data }) => data.cause));
  expect(cause(1)).toEqual(new Set(["size"]));
  // It is not taken for congestion.
  expect(scene.of("tcp:metrics", 1).every(({ data }) => data.ssthresh === undefined)).toBe(true);
  expect(Math.max(...scene.sentFor("retransmission", 1).map(({ data }) => data.length))).toBe(1_148);
  expect(cause(3)).toContain("timeout");
  expect(scene.of("tcp:sent", 3).at(-1)?.data.length).toBeLessThanOrEqual(1_024);
});

test("power-off: four probes without an answer, RST, ETIMEDOUT", () => {
  const scene = new Recorded("power-off");
  const probes = scene.sentFor("keepalive", 1);
  expect(times(probes).filter(time => time > seconds(14)).length).toBe(4);
  expect(gaps(probes).slice(1)).toEqual([seconds(3), seconds(3), seconds(3)]);
  expect(scene.flags(1).at(-1)).toBe("RST ACK");
  expect(scene.of("tcp:ended").map(({ host, data }) => [host, data.error])).toEqual([
    ["client", "ETIMEDOUT"],
  ]);
  expect(scene.all.some(({ host, time }) => host === "server" && time > seconds(14))).toBe(false);
});
