/**
 * Bytes without sense, and damaged copies of whatever passes on the wire, checksums set right again. One
 * connection bears the damage; another between the same hosts comes to its end with every byte.
 */
import { describe, expect, test } from "vitest";
import { below, chance } from "../../src/base/random.ts";
import { microseconds, seconds } from "../../src/base/time.ts";
import type { Medium } from "../../src/link/net-device.ts";
import { join } from "../support/frames.ts";
import { Flow } from "./hostile-flow.ts";
import { fixChecksums, mutated, randomBytes } from "./hostile-segments.ts";
import { type End, forSeeds, HostileWorld } from "./hostile-world.ts";

const ENDS: readonly End[] = ["a", "b"];
const MEDIA: readonly Medium[] = ["ip", "ethernet"];

/** Where the IP packet of a frame begins. */
const headerOf = (medium: Medium): number => (medium === "ip" ? 0 : 14);

describe.each(MEDIA)("on a link of medium %s", medium => {
  test("random bytes are counted drops", () => {
    forSeeds(3, seed => {
      const w = new HostileWorld({ seed, medium });
      const flow = new Flow(w, { port: 80, family: seed % 2 === 0 ? 6 : 4 });
      flow.opens();
      const drops = w.hosts.a.drops.total + w.hosts.b.drops.total;
      w.attack(600, microseconds(500), i => {
        const { random } = w;
        const to = ENDS[i & 1] as End;
        const bytes = randomBytes(random, 200);
        // Half of them begin like something that somebody might want.
        const old = w.oldFrame(to);
        const begin = chance(random, 0.5) && old !== undefined ? old.subarray(0, below(random, 60)) : [];
        w.injectFrame(to, join(begin, bytes, [0]));
      });
      expect(w.hosts.a.drops.total + w.hosts.b.drops.total - drops).toBeGreaterThan(500);
      flow.finishes();
    });
  });

  test("damaged copies of the frames of another connection, with right checksums", () => {
    forSeeds(6, seed => {
      const w = new HostileWorld({ seed, medium });
      const family = seed % 2 === 0 ? 6 : 4;
      const victim = new Flow(w, { port: 9_000, family, lasting: seconds(1) });
      victim.opens();
      w.run(microseconds(300_000));
      const copies = [
        ...w.seen.a.map(bytes => ["a", bytes] as const),
        ...w.seen.b.map(bytes => ["b", bytes] as const),
      ];
      const flow = new Flow(w, { port: 80, family, lasting: seconds(0.5) });
      flow.opens();
      w.attack(700, microseconds(700), () => {
        const { random } = w;
        const [to, original] = copies[below(random, copies.length)] ?? ["a", new Uint8Array(1)];
        const at = headerOf(medium);
        if (chance(random, 0.2)) {
          w.injectFrame(to, mutated(random, original));
          return;
        }
        const packet = fixChecksums(mutated(random, original.slice(at)));
        w.injectFrame(to, join(original.subarray(0, at), packet));
      });
      flow.finishes();
      victim.client.release();
      victim.server?.release();
      w.run(seconds(2_000));
      w.expectNoRecords();
    });
  });

  test("cut off copies, and copies with one flipped bit, of the connection's own frames", () => {
    forSeeds(3, seed => {
      const w = new HostileWorld({ seed, medium });
      const flow = new Flow(w, { port: 80, family: seed % 2 === 0 ? 6 : 4, lasting: seconds(1) });
      flow.opens();
      w.attack(800, microseconds(1_000), i => {
        const { random } = w;
        const to = ENDS[i & 1] as End;
        const copy = w.oldFrame(to)?.slice();
        if (copy === undefined) return;
        if (chance(random, 0.5)) {
          w.injectFrame(to, copy.subarray(0, below(random, copy.length)));
          return;
        }
        const at = headerOf(medium) + below(random, copy.length - headerOf(medium));
        copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
        w.injectFrame(to, copy);
      });
      flow.finishes();
    });
  });
});
