import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../base/time.ts";
import { ADDRESS_B, twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import type { EventName, EventOf, TraceEvent } from "./event.ts";
import { traceLink } from "./link-trace.ts";
import { TraceRecorder } from "./recorder.ts";

const ONE_WAY = milliseconds(10);

function watched(wants?: (connection: number, name: EventName) => boolean) {
  const world = new World();
  const wires = { aToB: { delay: ONE_WAY }, bToA: { delay: ONE_WAY } };
  const hosts = twoHosts(world, { medium: "ip", ends: ["client", "server"], ...wires });
  const events: TraceEvent[] = [];
  const recorder = new TraceRecorder({ sink: event => events.push(event), wants });
  const named = <Name extends EventName>(name: Name): Array<EventOf<Name>> =>
    events.filter((event): event is EventOf<Name> => event.name === name);
  return { world, ...hosts, events, recorder, named };
}

test("the two ends of a connection have a number each, and keep it from the SYN to the end of TIME-WAIT", () => {
  const { world, a, b, recorder, named } = watched();
  recorder.watch(a);
  recorder.watch(b);
  const listener = b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80, localPort: 4_000 });
  world.runFor(milliseconds(100));
  const server = listener.accept();
  expect([recorder.numberOf(client), server && recorder.numberOf(server)]).toEqual([1, 2]);
  client.close();
  world.runFor(milliseconds(100));
  server?.close();
  world.runFor(seconds(100));
  const walkOf = (connection: number): string[] =>
    named("tcp:state")
      .filter(event => event.connection === connection)
      .map(({ data }) => `${data.from} → ${data.to}: ${data.cause}`);
  expect(walkOf(1)).toEqual([
    "CLOSED → SYN-SENT: active OPEN, SYN sent",
    "SYN-SENT → ESTABLISHED: SYN-ACK received, ACK sent",
    "ESTABLISHED → FIN-WAIT-1: CLOSE, FIN sent",
    "FIN-WAIT-1 → FIN-WAIT-2: ACK of our FIN received",
    "FIN-WAIT-2 → TIME-WAIT: FIN received, ACK sent",
    "TIME-WAIT → CLOSED: 2 MSL have passed",
  ]);
  expect(walkOf(2)).toEqual([
    "LISTEN → SYN-RECEIVED: SYN received, SYN-ACK sent",
    "SYN-RECEIVED → ESTABLISHED: ACK of our SYN received",
    "ESTABLISHED → CLOSE-WAIT: FIN received, ACK sent",
    "CLOSE-WAIT → LAST-ACK: CLOSE, FIN sent",
    "LAST-ACK → CLOSED: ACK of our FIN received",
  ]);
  expect(named("tcp:opened").map(({ host, connection, data }) => [host, connection, data.role])).toEqual([
    ["client", 1, "active"],
    ["server", 2, "passive"],
  ]);
  expect(named("tcp:ended").map(({ connection, data }) => [connection, data])).toEqual([
    [2, {}],
    [1, {}],
  ]);
});

test("a segment comes before what it causes", () => {
  const { world, a, b, recorder, events } = watched();
  recorder.watch(b);
  b.tcp.listen({ port: 80 });
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(milliseconds(15));
  expect(events.map(({ name, connection }) => `${name} ${connection}`)).toEqual([
    "tcp:received 1",
    "tcp:opened 1",
    "tcp:state 1",
    "tcp:timer 1",
    "tcp:sent 1",
  ]);
});

test("what is there before recording begins has its number and its state at once", () => {
  const { world, a, b, recorder, named, events } = watched();
  const listener = b.tcp.listen({ port: 80 });
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 80, localPort: 4_000 });
  world.runFor(milliseconds(100));
  const open = listener.accept();
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 80, localPort: 4_001 });
  world.runFor(milliseconds(15));
  const end = recorder.watch(b);
  expect(
    named("tcp:opened").map(({ connection, data }) => [connection, data.state, data.remotePort]),
  ).toEqual([
    [1, "SYN-RECEIVED", 4_001],
    [2, "ESTABLISHED", 4_000],
  ]);
  expect(open && recorder.numberOf(open)).toBe(2);
  end();
  const before = events.length;
  open?.send(new Uint8Array(10));
  world.runFor(milliseconds(100));
  expect(events.length).toBe(before);
  expect(open && recorder.numberOf(open)).toBe(0);
});

describe("what nobody wants", () => {
  test("is not made", () => {
    const asked = new Set<string>();
    const { world, a, b, recorder, events } = watched((connection, name) => {
      asked.add(`${connection} ${name}`);
      return name === "tcp:state";
    });
    recorder.watch(a);
    b.tcp.listen({ port: 80 });
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 }).send(new Uint8Array(1));
    world.runFor(milliseconds(100));
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(["tcp:state"]));
    expect([...asked]).toEqual(expect.arrayContaining(["1 tcp:sent", "1 tcp:metrics", "1 tcp:timer"]));
  });

  test("and once it is wanted, the numbers and the timers that are set come whole", () => {
    let isWanted = false;
    const { world, a, b, recorder, named } = watched(() => isWanted);
    recorder.watch(a);
    b.tcp.listen({ port: 80 });
    const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(milliseconds(100));
    client.send(new Uint8Array(1));
    world.runFor(milliseconds(5));
    isWanted = true;
    client.send(new Uint8Array(2));
    world.runFor(milliseconds(1));
    expect(named("tcp:metrics")).toHaveLength(1);
    expect(named("tcp:timer").map(({ data }) => [data.timer, data.change])).toEqual([
      ["retransmit", "set"],
      ["tail-loss-probe", "set"],
    ]);
  });
});

test("a segment of nobody, and its answer, are of no connection; it is not told as a drop once more", () => {
  const { world, a, b, recorder, events } = watched();
  recorder.watch(b);
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
  world.runFor(seconds(1));
  expect(
    events.map(({ connection, name, data }) => [connection, name, "verdict" in data && data.verdict]),
  ).toEqual([
    [0, "tcp:received", "tcp-no-connection"],
    [0, "tcp:sent", false],
  ]);
});

test("what comes too late for an end is still shown as its", () => {
  const { world, a, b, recorder, events } = watched();
  recorder.watch(b);
  const listener = b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(milliseconds(100));
  listener.accept()?.abort();
  client.send(new Uint8Array(10));
  world.runFor(seconds(1));
  expect(events.slice(-5).map(({ connection, name, data }) => [connection, name, data])).toMatchObject([
    [1, "tcp:sent", { reason: "reset", flags: "RST ACK" }],
    [1, "tcp:state", { to: "CLOSED", cause: "ABORT" }],
    [1, "tcp:ended", {}],
    [1, "tcp:received", { length: 10, verdict: "tcp-no-connection" }],
    [1, "tcp:sent", { reason: "reset", flags: "RST" }],
  ]);
});

test("a segment that its wire loses at once is lost after it was sent", () => {
  const { world, a, b, link, recorder, events, named } = watched();
  recorder.watch(a);
  const end = traceLink(link, recorder);
  b.tcp.listen({ port: 80 });
  link.aToB.gate.drop(1);
  link.aToB.gate.duplicate(2);
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(seconds(2));
  const [sent, lost] = events.filter(({ name }) => name === "tcp:sent" || name === "link:lost");
  expect(sent).toMatchObject({ connection: 1, name: "tcp:sent", data: { flags: "SYN" } });
  const { reason, ...header } = (sent as EventOf<"tcp:sent">).data;
  expect(lost).toMatchObject({ connection: 1, host: "client", name: "link:lost" });
  expect([reason, lost?.data]).toEqual(["handshake", { ...header, link: "client-server", fault: "lost" }]);
  expect(events.filter(({ name }) => name === "link:fault")).toMatchObject([
    { connection: 0, host: "client", data: { link: "client-server", fault: "duplicated" } },
  ]);
  end();
  link.aToB.gate.drop(1);
  client.send(new Uint8Array(1));
  world.runFor(seconds(2));
  expect(named("link:lost")).toHaveLength(1);
});

test("what the device has no room for is not sent, and holds nothing back", () => {
  const { world, a, b, link, recorder, named } = watched();
  recorder.watch(a);
  b.tcp.listen({ port: 80 });
  const client = a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(milliseconds(100));
  const before = named("tcp:sent").length;
  const { transmit } = link.a;
  link.a.transmit = () => false;
  client.send(new Uint8Array(1_000));
  world.runFor(milliseconds(1));
  expect(named("tcp:sent")).toHaveLength(before);
  expect(named("tcp:metrics").at(-1)?.data.cwnd).toBeGreaterThan(0);
  expect(named("tcp:written")).toHaveLength(1);
  link.a.transmit = transmit;
  world.runFor(seconds(5));
  expect(named("tcp:sent").slice(before)).toMatchObject([{ data: { length: 1_000 } }]);
});

test("whoever hears an event may end the recording with it: nothing follows, not even what was held back", () => {
  for (let last = 1; last <= 10; last++) {
    const { world, a, b } = watched();
    const heard: EventName[] = [];
    const recorder = new TraceRecorder({
      sink: ({ name }) => {
        heard.push(name);
        if (heard.length === last) end();
      },
    });
    const end = recorder.watch(a);
    b.tcp.listen({ port: 80 });
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
    world.runFor(seconds(1));
    expect(heard.length).toBe(last);
  }
});
