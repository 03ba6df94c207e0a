/**
 * Users who do everything at once, twice, too late or with what is no address: nothing is left of it, neither
 * records nor timers, and what cannot be is said in one sentence.
 */
import { expect, test } from "vitest";
import { NEVER, seconds } from "../../src/base/time.ts";
import { ADDRESS_B, twoHosts } from "../../src/sim/sim-host.ts";
import { World } from "../../src/sim/world.ts";
import { connectTcp, listenTcp, openUdp, type TcpStream } from "../../src/socket/socket.ts";

const MANY = 300;
const PORT = 999;
const UNCHECKED = { hostA: { tcp: { selfCheck: false } }, hostB: { tcp: { selfCheck: false } } };

function worldOfTwo() {
  const world = new World({ seed: 1 });
  const hosts = twoHosts(world, { medium: "ip", ...UNCHECKED });
  const records = (): number =>
    [hosts.a, hosts.b].flatMap(({ tcp }) => [...tcp.connections(), ...tcp.halfOpen(), ...tcp.timeWaits()])
      .length;
  return { world, ...hosts, records };
}

test("hundreds of connections, listeners and UDP sockets, each closed twice in one tick", async () => {
  const { world, a, b, records } = worldOfTwo();
  const listeners = Array.from({ length: MANY }, (_, i) => listenTcp(b, { port: 1_000 + i }));
  const main = listenTcp(b, { port: PORT, backlog: MANY });
  const streams = Array.from({ length: MANY }, () => connectTcp(a, { remote: ADDRESS_B, remotePort: PORT }));
  await world.runForAsync(seconds(1));
  const accepted = await Promise.all(streams.map(() => main.accept()));
  let looks = 0;
  for (const connection of b.tcp.connections()) {
    const { kind } = connection;
    Object.defineProperty(connection, "kind", {
      get: () => {
        looks++;
        return kind;
      },
    });
  }
  for (const listener of listeners) for (let i = 0; i < 2; i++) listener.close();
  // A listener without half-open connections has nothing to look for among all others.
  expect(looks).toBe(0);
  const sockets = Array.from({ length: MANY }, () => openUdp(a));
  for (const socket of sockets) for (let i = 0; i < 2; i++) socket.close();
  const ends = streams.flatMap(stream => [stream.close(), stream.close()]);
  for (const [i, stream] of accepted.entries()) {
    if (i % 2 === 0) ends.push(stream.close(), stream.close());
    else for (let times = 0; times < 2; times++) stream.abort();
  }
  await world.runForAsync(seconds(130));
  const settled = await Promise.allSettled(ends);
  expect(settled).toHaveLength(3 * MANY);
  expect([records(), [...b.tcp.listeners()].length, [...a.udp.endpoints()].length]).toEqual([0, 1, 0]);
  expect(world.next).toBe(NEVER);
});

test("a host whose devices are taken away with all open: each connection ends by itself, no timer stays", async () => {
  const { world, a, b, records } = worldOfTwo();
  const listener = listenTcp(b, { port: PORT });
  const streams = Array.from({ length: 20 }, () => connectTcp(a, { remote: ADDRESS_B, remotePort: PORT }));
  await world.runForAsync(seconds(1));
  const accepted: TcpStream[] = await Promise.all(streams.map(() => listener.accept()));
  const all = [...streams, ...accepted];
  await Promise.all(all.map(stream => stream.writable.getWriter().write(new Uint8Array(1_000))));
  const late = [connectTcp(a, { remote: ADDRESS_B, remotePort: PORT })];
  for (const host of [a, b, a]) host.close();
  late.push(connectTcp(a, { remote: ADDRESS_B, remotePort: PORT }));
  await world.runForAsync(seconds(2_000));
  for (const { closed } of all) await expect(closed).rejects.toMatchObject({ code: "ETIMEDOUT" });
  for (const { opened } of late) await expect(opened).rejects.toMatchObject({ code: "ETIMEDOUT" });
  expect(records()).toBe(0);
  expect(world.next).toBe(NEVER);
});

test.each<[string, (host: ReturnType<typeof worldOfTwo>["a"]) => unknown, string]>([
  [
    "an address as text",
    a => connectTcp(a, { remote: "10.0.0.2" as never, remotePort: 1 }),
    "remote has to be",
  ],
  ["no options", a => connectTcp(a, {} as never), "remote has to be an address"],
  ["our address as text", a => listenTcp(a, { address: "::" as never, port: 1 }), "address has to be"],
  ["a UDP address as text", a => openUdp(a, { address: "::" as never }), "address has to be an address"],
  ["a peer as text", a => openUdp(a).connect("10.0.0.2" as never, 1), "address has to be an address"],
  [
    "a destination as text",
    a => openUdp(a).send(new Uint8Array(1), { address: "10.0.0.2" as never, port: 1 }),
    "address has to be an address",
  ],
  [
    "text for bytes",
    a => openUdp(a).send("text" as never, { address: ADDRESS_B, port: 1 }),
    "a UdpSocket takes chunks of Uint8Array",
  ],
])("%s is refused in one sentence", (_what, act, sentence) => {
  const { a, records } = worldOfTwo();
  expect(() => act(a)).toThrow(sentence);
  expect(records()).toBe(0);
});
