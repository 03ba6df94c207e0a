/**
 * Rest does not show: what connections remember of a rough time is the same after they have been folded and
 * unfolded, field by field. (That nothing shows on the wire all tests with `selfCheck` show: there
 * connections rest whenever they can.)
 */
import { describe, expect, test } from "vitest";
import { seq } from "../../src/base/seq.ts";
import { type Instant, milliseconds, seconds } from "../../src/base/time.ts";
import { isDone, isQuiet } from "../../src/tcp/at-work.ts";
import { PartsAtWork } from "../../src/tcp/parts-at-work.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { privateState } from "../support/private-state.ts";
import { readAll, TcpWorld, type TcpWorldOptions } from "./tcp-world.ts";

const NOT_BEFORE_ASKED = { selfCheck: false, restAfter: seconds(100_000) };

/** What means nothing while nothing is under way, or is made anew. */
const OF_NO_CONSEQUENCE = [
  /^(owner|config|path|listener|observer|congestion|atWork.config|atWork.spare)$/,
  /^#folded|^#isTimed$|^isAtWork$|^atWork\.hears\.connection$/,
  // What an acknowledgment fills in anew before it is read.
  /^atWork\.(sample|deliveryRate\.sample|queue\.#acknowledged)\b/,
  /^atWork\.deliveryRate\.#(deliveredAt|firstSentAt|newestDeliveredAt|sendInterval|hasNewest|deliveredBefore|lostBefore)$/,
  // Memory, and where in it an empty ring or queue begins.
  /^atWork\.(sendBuffer|receiveBuffer)\.#ring\b/,
  /^atWork\.sendBuffer\.#passed(InRing)?$/,
  /^atWork\.(queue\.#units|writeQueue)\.#(slots|head)\b/,
  /^atWork\.(queue|writeQueue)\.#(owedFrom|tailStart)\b/,
  /^atWork\.scoreboard\.#known(Count)?\b/,
  // Small text that is acknowledged.
  /^atWork\.nagle\.#(smallEnd|anySmall)$/,
  // Idle time is not told.
  /^atWork\.busyTime\.(#since|#spent\.idle)$/,
];

function stateOf(c: Partial<TcpConnection>): Record<string, unknown> {
  // Without SACK there are no reports to know of.
  const skipsBoard = (path: string): boolean => c.usesSack === false && path === "atWork.scoreboard.#highest";
  return privateState(c, path => skipsBoard(path) || OF_NO_CONSEQUENCE.some(pattern => pattern.test(path)));
}

/** Text in both directions over a bad path, of two connections of a host, until nothing is under way. */
function afterRoughTime(options: TcpWorldOptions): readonly [TcpConnection, TcpConnection] {
  const w = new TcpWorld({ ...options, tcp: { ...options.tcp, ...NOT_BEFORE_ASKED } });
  const { client, server, listener } = w.established();
  const other = w.connect(40_001);
  const all = [client, server, other, w.accepted(listener)];
  for (const c of all) c.observe({ connectionEvent: () => readAll(c) });
  for (let round = 0; round < 8; round++) {
    for (const [i, c] of all.entries()) c.send(new Uint8Array(1 + ((7 * i + round) % 5) * 5_000));
    w.run(milliseconds(150 + 40 * round));
  }
  w.world.runUntil(() => all.every(isQuiet), seconds(300));
  return [client, other];
}

const ROUGH = {
  delay: milliseconds(10),
  loss: 0.05,
  reorder: 0.05,
  duplicate: 0.02,
  jitter: milliseconds(3),
};
const rough = { medium: "ip", aToB: ROUGH, bToA: ROUGH } as const;

describe("resting", () => {
  test.each([
    ["SACK", {}],
    ["no SACK", { sack: false }],
    ["neither SACK nor timestamps, and keepalive", { sack: false, timestamps: false, keepalive: true }],
    ["BBR", { congestionControl: "bbr" }],
  ])("changes nothing that is remembered: %s", (_name, tcp) => {
    let rested = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const [c, other] = afterRoughTime({ seed, tcp, link: rough });
      // Without SACK a recovery is not over before something later is acknowledged: RFC 6582 §3.2.
      if (!isQuiet(c) || !isQuiet(other)) continue;
      rested++;
      const before = [stateOf(c), stateOf(other)];
      c.rest();
      other.rest();
      expect([c.isResting, other.isResting]).toEqual([true, true]);
      // Each takes the parts that the other one had.
      void c.timers;
      void other.timers;
      expect([stateOf(c), stateOf(other)]).toEqual(before);
      expect(Object.keys(before[0] ?? {}).length).toBeGreaterThan(150);
    }
    expect(rested).toBeGreaterThan(1);
  });

  test("parts of connections that have ended are as new ones for the next", () => {
    let reused = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const [c] = afterRoughTime({ seed, link: rough });
      if (seed % 2 === 0) c.send(new Uint8Array(10_000));
      c.abort();
      if (!isDone(c)) continue;
      const { config, now, owner } = c;
      c.rest();
      const [una, start, later] = [seq(-5), seq(-4), (now + 1) as Instant];
      const first = owner.spareParts.takeFresh(config, seq(0), seq(1), now);
      if (first === undefined) continue;
      owner.spareParts.give(first);
      const parts = owner.spareParts.takeFresh(config, una, start, later) as PartsAtWork;
      reused++;
      const made = new PartsAtWork(config, una, start, later, owner.spareRanges, parts.hears);
      expect(stateOf({ atWork: parts } as object)).toEqual(stateOf({ atWork: made } as object));
    }
    expect(reused).toBeGreaterThan(5);
  });
});
