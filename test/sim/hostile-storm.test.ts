/**
 * All floods at once: while honest connections carry their text and new ones open every 100 ms, no byte is
 * lost and nothing of the strangers' grows beyond its bound.
 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { Flow } from "./hostile-flow.ts";
import { Storm } from "./hostile-storm.ts";
import { HostileWorld, namingSeed } from "./hostile-world.ts";

const ROUNDS = 200;
const BACKLOG = 32;

test.each([1, 2])("text and handshakes get through a storm of every kind, seed %d", seed => {
  namingSeed(seed, () => {
    const w = new HostileWorld({ seed, medium: "ethernet", tcp: { acceptBacklogLimit: BACKLOG } });
    const lasting = [4, 6].map(
      family =>
        new Flow(w, { port: 80 + family, family: family as 4 | 6, bytes: 200_000, lasting: seconds(2) }),
    );
    for (const flow of lasting) flow.opens();
    const flooded = w.hosts.b.tcp.listen({ port: 90 });
    const storm = new Storm(w.random, {
      port: 90,
      connections: () => [...w.hosts.a.tcp.connections()],
    });
    const fresh: Flow[] = [];
    w.attack(ROUNDS, milliseconds(10), round => {
      if (round % 10 === 0)
        fresh.push(new Flow(w, { port: 1_000 + round, bytes: 2_000, lasting: milliseconds(20) }));
      for (const frame of storm.frames()) w.injectFrame("b", frame);
    });
    for (const flow of [...lasting, ...fresh]) flow.finishes(seconds(60));
    const { net, tcp } = w.hosts.b;
    expect(net.pathMtu.size).toBeLessThanOrEqual(4_096);
    w.run(seconds(200));
    expect([...tcp.halfOpen(), ...tcp.timeWaits()]).toEqual([]);
    expect([flooded.waiting, [...tcp.connections()].length]).toEqual([0, 0]);
    expect(w.hosts.b.drops.total).toBeGreaterThan(10 * ROUNDS);
  });
});
