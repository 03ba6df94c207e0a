/** The inspector over simulated hosts, with pages in memory. */
import { describe, expect, test } from "vitest";
import { MemoryPage } from "../../test/support/memory-page.ts";
import { type Instant, milliseconds, seconds } from "../base/time.ts";
import { impair } from "../link/impair.ts";
import { createPair } from "../link/pair.ts";
import { ADDRESS_A, ADDRESS_B, addHost, twoHosts } from "../sim/sim-host.ts";
import type { LinkOptions } from "../sim/topology.ts";
import { World } from "../sim/world.ts";
import type { Listener } from "../tcp/tcp.ts";
import { Inspector, type InspectorOptions } from "./inspector.ts";
import { USUAL_LIMITS } from "./limits.ts";
import { wireOfDevice, wireOfLink } from "./wires.ts";

function watchedPair(options: Partial<InspectorOptions> = {}, linkOptions: LinkOptions = {}) {
  const world = new World();
  const { a, b, link } = twoHosts(world, { medium: "ip", ...linkOptions });
  const listener = b.tcp.listen({ port: 80 });
  const inspector = new Inspector({ title: "a and b", kind: "live", clock: world, epoch: 7, ...options });
  const page = new MemoryPage();
  const begin = (): MemoryPage => {
    inspector.watchHost(a);
    inspector.watchHost(b);
    inspector.join(page);
    return page;
  };
  /** Real time goes by: ten ticks a second. */
  const goesBy = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      world.runFor(milliseconds(100));
      inspector.tick();
    }
  };
  return { world, a, b, link, listener, inspector, page, begin, goesBy };
}

const connectTo = (a: ReturnType<typeof watchedPair>["a"]) =>
  a.tcp.connect({ remote: ADDRESS_B, remotePort: 80, config: { noDelay: true } });

function accepted(listener: Listener) {
  const connection = listener.accept();
  if (connection === undefined) throw new Error("nobody waits to be accepted");
  return connection;
}

test("while hosts work nobody reads a clock for it: an event has its host's time", () => {
  let reads = 0;
  const clock = {
    now: () => {
      reads++;
      return milliseconds(0) as unknown as Instant;
    },
  };
  const { a, begin, world } = watchedPair({ clock, keepsPackets: true });
  begin();
  const before = reads;
  connectTo(a).send(new Uint8Array(10_000));
  world.runFor(seconds(1));
  expect(reads).toBe(before);
});

describe("a page that joins", () => {
  test("hears who is watched and what it may do", () => {
    const { begin, inspector, link } = watchedPair();
    const page = begin();
    expect(page.said[0]).toMatchObject({
      type: "hello",
      version: 1,
      kind: "live",
      title: "a and b",
      epoch: 7,
      abilities: { time: false, links: false },
    });
    expect(page.last("hello").hosts.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(page.last("hello").hosts[0]?.interfaces.find(({ name }) => name === "a-b")).toEqual({
      name: "a-b",
      mtu: 1500,
      addresses: ["10.0.0.1/24", "fd00::1/64"],
    });
    inspector.watchWire(wireOfLink(link));
    expect(page.last("hello").abilities.links).toBe(true);
  });

  test("hears of connections that were there before, and of those that come; each end is one", () => {
    const { a, listener, begin, world, goesBy } = watchedPair();
    connectTo(a);
    world.runFor(seconds(1));
    accepted(listener);
    const page = begin();
    goesBy(100);
    expect(page.rows.map(({ host, role, state }) => `${host} ${role} ${state}`)).toEqual([
      "a active ESTABLISHED",
      "b passive ESTABLISHED",
    ]);
    expect(page.rows[0]).toMatchObject({
      local: "10.0.0.1",
      remote: "10.0.0.2",
      remotePort: 80,
      connection: 1,
    });
    connectTo(a);
    goesBy(200);
    expect(page.rows.length).toBe(4);
  });

  test("several hear the same; one that leaves hears no more", () => {
    const { a, begin, inspector, goesBy } = watchedPair();
    const first = begin();
    const second = new MemoryPage();
    inspector.join(second);
    connectTo(a);
    goesBy(300);
    expect(second.rows).toEqual(first.rows);
    expect(inspector.pages).toBe(2);
    second.close();
    const heard = second.said.length;
    connectTo(a);
    goesBy(300);
    expect(inspector.pages).toBe(1);
    expect(second.said.length).toBe(heard);
    expect(first.rows.length).toBe(4);
  });
});

describe("rows", () => {
  test("tell bytes, rates, the round trip and verdicts; what has not changed is not told again", () => {
    const { a, listener, begin, goesBy } = watchedPair({}, { aToB: { delay: milliseconds(10) } });
    const page = begin();
    const client = connectTo(a);
    goesBy(500);
    const server = accepted(listener);
    for (let i = 0; i < 20; i++) {
      client.send(new Uint8Array(1_000));
      goesBy(100);
      server.receive(new Uint8Array(2_000));
    }
    const [ours, theirs] = page.rows;
    expect(ours).toMatchObject({ bytesSent: 20_000, bytesReceived: 0, sendRate: 10_000, receiveRate: 0 });
    expect(ours?.verdicts).toEqual(["application-limited"]);
    expect(ours?.srtt).toBeGreaterThanOrEqual(10_000);
    expect(theirs).toMatchObject({ bytesReceived: 20_000, receiveRate: 10_000 });
    goesBy(2_000);
    expect(page.rows.map(({ sendRate, verdicts }) => [sendRate, verdicts])).toEqual([
      [0, ["idle"]],
      [0, ["idle"]],
    ]);
    const told = page.all("rows").length;
    goesBy(3_000);
    expect(page.all("rows").length).toBe(told);
  });

  test("a connection that ends keeps its row, with the error that its user heard", () => {
    const { a, listener, begin, goesBy } = watchedPair();
    const page = begin();
    connectTo(a);
    goesBy(200);
    accepted(listener).abort();
    goesBy(200);
    expect(page.rows.map(({ host, state, error, verdicts }) => [host, state, error, verdicts])).toEqual([
      ["a", "CLOSED", "ECONNRESET", ["reset"]],
      ["b", "CLOSED", undefined, []],
    ]);
  });

  test("one number from SYN-RECEIVED to the end of TIME-WAIT", () => {
    const { a, listener, begin, goesBy } = watchedPair({}, { aToB: { delay: milliseconds(150) } });
    const page = begin();
    const client = connectTo(a);
    goesBy(200);
    expect(page.rows.map(({ state }) => state)).toEqual(["ESTABLISHED", "SYN-RECEIVED"]);
    expect(page.rows[1]?.verdicts).toEqual(["half-open"]);
    goesBy(400);
    const server = accepted(listener);
    client.send(new Uint8Array(10));
    client.close();
    goesBy(300);
    server.receive(new Uint8Array(100));
    server.close();
    goesBy(600);
    expect(page.rows.map(({ state, bytesSent, bytesReceived }) => [state, bytesSent, bytesReceived])).toEqual(
      [
        ["TIME-WAIT", 10, 0],
        ["CLOSED", 0, 10],
      ],
    );
    goesBy(70_000);
    expect(page.rows.map(({ state }) => state)).toEqual(["CLOSED", "CLOSED"]);
  });

  test("very many are told in turns, the table is bounded, and the rest is counted", () => {
    const limits = { ...USUAL_LIMITS, table: { rows: 1_200, ended: 10, looks: 500 } };
    const { a, listener, begin, world, goesBy } = watchedPair({ limits });
    listener.backlog = 4_096;
    for (let i = 0; i < 700; i++) connectTo(a);
    world.runFor(seconds(5));
    const page = begin();
    goesBy(100);
    expect(page.all("rows").map(({ rows }) => rows.length)).toEqual([1_000]);
    goesBy(300);
    expect(page.rows.length).toBe(1_200);
    expect(page.last("rows").hidden).toBe(200);
    expect(Math.max(...page.all("rows").map(({ rows }) => rows.length))).toBe(1_000);
  });

  test.each([0, 5])("without a row one is counted once, while it is there; %i were there before", early => {
    const limits = { ...USUAL_LIMITS, table: { rows: 10, ended: 2, looks: 500 } };
    const { a, listener, world, begin, goesBy } = watchedPair({ limits });
    listener.backlog = 100;
    const connections = Array.from({ length: early }, () => connectTo(a));
    world.runFor(milliseconds(100));
    const page = begin();
    while (connections.length < 40) connections.push(connectTo(a));
    goesBy(200);
    expect(page.last("rows").hidden).toBe(70);
    for (const connection of connections.slice(15)) connection.abort();
    goesBy(200);
    const there = page.rows.filter(({ state }) => state !== "CLOSED").length;
    expect(page.last("rows").hidden).toBe(30 - there);
    for (const connection of connections) connection.abort();
    goesBy(200);
    expect(page.last("rows").hidden).toBeUndefined();
  });

  test("looking at idle connections does not wake them", () => {
    const { a, b, begin, world, goesBy } = watchedPair();
    for (let i = 0; i < 200; i++) connectTo(a);
    world.runFor(seconds(100));
    const isResting = (): boolean[] => [...a.tcp.connections(), ...b.tcp.connections()].map(c => c.isResting);
    expect(new Set(isResting())).toEqual(new Set([true]));
    begin();
    goesBy(3_000);
    expect(new Set(isResting())).toEqual(new Set([true]));
    let unfolded = 0;
    for (const c of a.tcp.connections()) {
      const { rest } = c;
      c.rest = () => {
        unfolded++;
        rest.call(c);
      };
    }
    goesBy(3_000);
    expect(unfolded).toBe(0);
  });
});

describe("a page that is slow", () => {
  test("is told nothing while it is behind, and then how things are, and not what they were", () => {
    const { a, begin, goesBy } = watchedPair();
    const page = begin();
    page.waiting = 2 << 20;
    const told = page.said.length;
    const client = connectTo(a);
    page.hears({ type: "watch", connections: [] });
    for (let i = 0; i < 30; i++) {
      client.send(new Uint8Array(100));
      goesBy(100);
    }
    expect(page.said.length).toBe(told);
    page.waiting = 0;
    goesBy(100);
    const rows = page.all("rows");
    expect(rows.length).toBe(1);
    expect(rows[0]?.rows.find(({ host }) => host === "a")?.bytesSent).toBe(3_000);
  });

  test("hears the past of what it watches once, when it has caught up, however often it asks", () => {
    const { a, begin, goesBy } = watchedPair();
    const page = begin();
    connectTo(a);
    goesBy(300);
    page.waiting = 2 << 20;
    for (let i = 0; i < 100; i++) {
      page.hears({ type: "watch", connections: [] });
      page.hears({ type: "watch", connections: [1] });
    }
    goesBy(100);
    expect(page.all("events")).toEqual([]);
    a.tcp.connections().next().value?.send(new Uint8Array(100));
    goesBy(100);
    page.waiting = 0;
    goesBy(100);
    const events = page.all("events").flatMap(({ events }) => events);
    expect(events.filter(({ name }) => name === "tcp:opened").length).toBe(1);
    expect(events.filter(({ name }) => name === "tcp:written").length).toBe(1);
    expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).sort((x, y) => x - y));
  });

  test("that only says nonsense is answered as long as it listens", () => {
    const { begin } = watchedPair();
    const page = begin();
    page.hears({ type: "nonsense" } as never);
    expect(page.last("trouble").sentence).toMatch(/type/);
    page.waiting = 2 << 20;
    for (let i = 0; i < 100; i++) page.hears(undefined as never);
    expect(page.all("trouble").length).toBe(1);
  });
});

describe("a connection that is watched", () => {
  test("has a snapshot ten times a second at most, and none while nothing changes", () => {
    const { a, listener, begin, world, inspector, goesBy } = watchedPair();
    const page = begin();
    const client = connectTo(a);
    goesBy(100);
    accepted(listener);
    page.hears({ type: "watch", connections: [1] });
    for (let i = 0; i < 200; i++) {
      client.send(new Uint8Array(100));
      world.runFor(milliseconds(10));
      inspector.tick();
    }
    const count = page.all("snapshot").length;
    expect(count).toBeGreaterThanOrEqual(18);
    expect(count).toBeLessThanOrEqual(21);
    goesBy(5_000);
    const settled = page.all("snapshot").length;
    goesBy(5_000);
    expect(page.all("snapshot").length).toBe(settled);
    expect(page.last("snapshot")).toMatchObject({ connection: 1, state: "ESTABLISHED" });
  });

  test("has one after each step when it is asked for everything", () => {
    const { a, begin, world, inspector } = watchedPair();
    const page = begin();
    connectTo(a);
    page.hears({ type: "watch", connections: [1] });
    const states: string[] = [];
    while (states.at(-1) !== "ESTABLISHED") {
      world.step();
      inspector.tick(true);
      const state = page.all("snapshot").at(-1)?.state;
      if (state !== undefined && state !== states.at(-1)) states.push(state);
    }
    expect(states).toEqual(["SYN-SENT", "ESTABLISHED"]);
    expect(page.all("snapshot")[0]).toMatchObject({
      send: { next: 1, blockedBy: "nothing-to-send" },
      timers: [{ timer: "retransmit", setAt: 0, at: 1_000_000 }],
    });
  });
});

describe("events", () => {
  const eventsOf = (page: MemoryPage) => page.all("events").flatMap(({ events }) => events);
  const toldOf = (page: MemoryPage, connection: number): string[] =>
    eventsOf(page)
      .filter(event => event.connection === connection)
      .map(event => (event.name === "tcp:state" ? event.data.to : event.name));

  test("of a connection come with its past as soon as it is watched, and only those", () => {
    const { a, begin, goesBy } = watchedPair();
    const page = begin();
    const client = connectTo(a);
    goesBy(200);
    expect(eventsOf(page)).toEqual([]);
    page.hears({ type: "watch", connections: [1] });
    expect(toldOf(page, 1).slice(0, 3)).toEqual(["tcp:opened", "SYN-SENT", "tcp:sent"]);
    expect(toldOf(page, 1)).toContain("ESTABLISHED");
    const past = eventsOf(page).length;
    goesBy(200);
    expect(eventsOf(page).length).toBe(past);
    client.send(new Uint8Array(10));
    goesBy(200);
    expect(toldOf(page, 1).slice(past)).toContain("tcp:written");
    expect(toldOf(page, 2)).toEqual([]);
    page.hears({ type: "watch", connections: [2, 1] });
    expect(toldOf(page, 2).slice(0, 3)).toEqual(["tcp:received", "tcp:opened", "SYN-RECEIVED"]);
    expect(toldOf(page, 1).filter(name => name === "tcp:opened").length).toBe(1);
    page.hears({ type: "watch", connections: [2] });
    const told = toldOf(page, 1).length;
    client.send(new Uint8Array(10));
    goesBy(200);
    expect(toldOf(page, 1).length).toBe(told);
  });

  test("of no connection come without being asked for: remarks, drops", () => {
    const { begin, inspector, goesBy, world } = watchedPair();
    inspector.put({ time: 0, host: "", connection: 0, name: "scene:remark", data: { remark: 1 } });
    const page = begin();
    expect(toldOf(page, 0)).toEqual(["scene:remark"]);
    inspector.put({ time: world.now(), host: "", connection: 0, name: "scene:remark", data: { remark: 2 } });
    goesBy(100);
    expect(toldOf(page, 0)).toEqual(["scene:remark", "scene:remark"]);
  });

  test("at full speed are thinned, counted, and in the order of time; steps are all there", () => {
    const { a, listener, begin, world, inspector } = watchedPair();
    const page = begin();
    const client = connectTo(a);
    page.hears({ type: "watch", connections: [1] });
    world.runFor(milliseconds(1));
    const server = accepted(listener);
    const text = new Uint8Array(40_000);
    const target = new Uint8Array(100_000);
    for (let i = 0; i < 400; i++) {
      client.send(text);
      world.runFor(milliseconds(0.05));
      server.receive(target);
      if (i % 50 === 0) inspector.tick();
    }
    client.close();
    world.runFor(seconds(1));
    for (let i = 0; i < 10; i++) inspector.tick();
    const events = eventsOf(page).filter(({ connection }) => connection === 1);
    const skipped = events.reduce(
      (sum, event) => sum + (event.name === "trace:skipped" ? event.data.events : 0),
      0,
    );
    expect(skipped).toBeGreaterThan(2 * events.length);
    expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).toSorted((x, y) => x - y));
    expect(events.some(event => event.name === "tcp:state" && event.data.to === "FIN-WAIT-1")).toBe(true);
    // 150 of traffic and 10 of metrics in each of the slices of ten milliseconds, one count, and few steps.
    expect(events.length).toBeLessThan(5 * 170);
  });

  test("of a connection that is watched are not pushed out by one that is not", () => {
    const { a, listener, begin, world, goesBy } = watchedPair();
    const page = begin();
    const quiet = connectTo(a);
    goesBy(100);
    accepted(listener);
    const busy = connectTo(a);
    goesBy(100);
    const reader = accepted(listener);
    page.hears({ type: "watch", connections: [1] });
    for (let i = 0; i < 150; i++) {
      busy.send(new Uint8Array(100_000));
      world.runFor(milliseconds(0.05));
      reader.receive(new Uint8Array(100_000));
    }
    quiet.send(new Uint8Array(7));
    goesBy(200);
    expect(eventsOf(page).filter(event => event.name === "tcp:written")).toMatchObject([
      { data: { bytes: 7 } },
    ]);
    expect(toldOf(page, 1)).not.toContain("trace:skipped");
  });
});

describe("packets", () => {
  test("are kept while somebody looks, pass the filter, and begin anew with the next one", () => {
    const { a, begin, goesBy } = watchedPair();
    const page = begin();
    connectTo(a);
    goesBy(100);
    expect(page.all("packets")).toEqual([]);
    page.hears({ type: "watch-packets", on: true, filter: "tcp[13] & 2 != 0" });
    connectTo(a);
    goesBy(100);
    const packets = page.all("packets").flatMap(message => message.packets);
    expect(packets.map(({ host, direction, number }) => `${host} ${direction} ${number}`)).toEqual([
      "a out 1",
      "b in 2",
      "b out 3",
      "a in 4",
    ]);
    expect(packets[0]).toMatchObject({ interface: "a-b", linkType: 101, length: 60 });
    expect(Buffer.from(packets[0]?.bytes ?? "", "base64")[0]).toBe(0x45);
    page.hears({ type: "watch-packets", on: true, filter: "host 10.0.0.1 and tcp[13] = 16" });
    goesBy(100);
    expect(page.last("packets").packets.map(({ number }) => number)).toEqual([5, 6]);
    page.hears({ type: "watch-packets", on: false });
    connectTo(a);
    goesBy(100);
    expect(page.all("packets").length).toBe(2);
  });

  test("of a simulation they are kept from the beginning", () => {
    const { a, begin, goesBy } = watchedPair({ keepsPackets: true });
    const page = begin();
    connectTo(a);
    goesBy(100);
    page.hears({ type: "watch-packets", on: true });
    goesBy(100);
    expect(page.last("packets").packets.length).toBe(6);
  });

  test("a filter that makes no sense is answered with a sentence", () => {
    const { begin } = watchedPair();
    const page = begin();
    page.hears({ type: "watch-packets", on: true, filter: "tcp prot 80" });
    expect(page.last("trouble").sentence).toMatch(/^The filter cannot be used: .*\.$/);
  });

  test("a flood is cut down to what a page can take, and the rest is counted", () => {
    const { a, listener, begin, goesBy } = watchedPair();
    const page = begin();
    page.hears({ type: "watch-packets", on: true });
    const client = connectTo(a);
    goesBy(100);
    const server = accepted(listener);
    for (let i = 0; i < 50; i++) {
      client.send(new Uint8Array(500_000));
      goesBy(100);
      server.receive(new Uint8Array(500_000));
    }
    const told = page.all("packets");
    expect(Math.max(...told.map(({ packets }) => packets.length))).toBeLessThanOrEqual(250);
    const shown = told.reduce((sum, { packets }) => sum + packets.length, 0);
    const skipped = told.reduce((sum, message) => sum + message.skipped, 0);
    expect(skipped).toBeGreaterThan(100);
    expect(shown + skipped).toBe(told.at(-1)?.packets.at(-1)?.number);
  });
});

describe("states of the hosts", () => {
  test("queues and drops are told when they change", () => {
    const { a, begin, goesBy } = watchedPair();
    const page = begin();
    goesBy(1_000);
    expect(page.all("queues").length).toBe(1);
    connectTo(a);
    a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 });
    goesBy(1_000);
    expect(page.last("queues")).toMatchObject({
      listeners: [{ host: "b", local: "*", localPort: 80, waiting: 1, halfOpen: 0, backlog: 511 }],
      drops: [{ host: "b", reason: "tcp-no-connection", count: 1 }],
    });
  });

  test("wires are changed by the page, and the change is told to all", () => {
    const { begin, inspector, link, goesBy } = watchedPair();
    inspector.watchWire(wireOfLink(link));
    const page = begin();
    const other = new MemoryPage();
    inspector.join(other);
    page.hears({ type: "control", action: "impair", direction: "a → b", loss: 0.5, delay: 5_000 });
    goesBy(100);
    expect(link.aToB.wire.transmitImpairment).toMatchObject({ loss: 0.5, delay: 5_000 });
    expect(other.last("links").links[0]?.directions[0]).toMatchObject({ loss: 0.5, delay: 5_000 });
    page.hears({ type: "control", action: "impair", direction: "a → c", loss: 0.5 });
    expect(page.last("trouble").sentence).toBe("There is no such wire that could be changed.");
  });

  test("real time cannot be held; simulated time is its owner's", () => {
    const page = watchedPair().begin();
    page.hears({ type: "control", action: "pause" });
    expect(page.last("trouble").sentence).toMatch(/^Time is real here/);
    const controls: string[] = [];
    const simulated = watchedPair({
      onTimeControl: control => {
        controls.push(control.action);
        return control.action === "replay"
          ? { kind: "told", sentence: "This run cannot be replayed." }
          : undefined;
      },
    }).begin();
    expect(simulated.last("hello").abilities.time).toBe(true);
    simulated.hears({ type: "control", action: "pause" });
    simulated.hears({ type: "control", action: "replay", seed: 1 });
    expect(controls).toEqual(["pause", "replay"]);
    expect(simulated.all("trouble").map(({ sentence }) => sentence)).toEqual([
      "This run cannot be replayed.",
    ]);
  });
});

test("what a wire of ours takes is told of the segment's sender, whichever end has the bad device", () => {
  const world = new World();
  const [nearEnd, farEnd] = createPair(world, { medium: "ip", names: ["near", "far"] });
  const [near, far] = [addHost(world, "near"), addHost(world, "far")];
  const device = impair(nearEnd, { scheduler: world, random: world.random.fork() });
  const prefix = { prefixLength: 24 };
  near.attach(device, { addresses: [{ address: ADDRESS_A, ...prefix }], duplicateDetection: false });
  far.attach(farEnd, { addresses: [{ address: ADDRESS_B, ...prefix }], duplicateDetection: false });
  const inspector = new Inspector({ title: "wire", kind: "live", clock: world });
  inspector.watchHost(near);
  inspector.watchHost(far);
  inspector.watchWire(wireOfDevice({ name: "wire", near: "near", far: "far", device }));
  const page = new MemoryPage();
  inspector.join(page);
  page.hears({ type: "watch", connections: [1, 2] });
  far.tcp.listen({ port: 80 });
  page.hears({ type: "control", action: "impair", direction: "near → far", loss: 1 });
  near.tcp.connect({ remote: ADDRESS_B, remotePort: 80 });
  world.runFor(milliseconds(500));
  page.hears({ type: "control", action: "impair", direction: "near → far", loss: 0 });
  page.hears({ type: "control", action: "impair", direction: "far → near", loss: 1 });
  world.runFor(milliseconds(1_000));
  inspector.tick();
  const lost = page
    .all("events")
    .flatMap(({ events }) => events)
    .flatMap(event => (event.name === "link:lost" ? `${event.host} ${event.data.flags}` : []));
  expect(lost).toEqual(["near SYN", "far SYN ACK"]);
});

test("an inspector that is closed has let its hosts and its pages go", () => {
  const { a, begin, inspector, world } = watchedPair();
  const page = begin();
  inspector.close();
  const heard = page.said.length;
  connectTo(a);
  world.runFor(seconds(1));
  inspector.tick();
  expect([page.said.length, inspector.pages]).toEqual([heard, 0]);
  expect(page.onMessage).toBeUndefined();
});
