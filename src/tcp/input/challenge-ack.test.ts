import { describe, expect, test } from "vitest";
import { accepts, established, listening } from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, syn, text } from "../../../test/tcp/segments.ts";
import { SeededRandom } from "../../base/random.ts";
import type { Instant } from "../../base/time.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { ChallengeBudget } from "./challenge-ack.ts";

describe("the limit of challenges of one connection", () => {
  test("one in half a second", () => {
    const { peer, context } = established();
    for (let i = 0; i < 10; i++) peer.sends(syn({ seq: 200 }), rst({ seq: 300 }));
    expect(peer.takes()).toHaveLength(1);
    peer.advance(milliseconds(499));
    peer.sends(rst({ seq: 300 }));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.sends(rst({ seq: 300 }));
    peer.expects(ack({ ack: 101 }));
    expect(context.counters.challengeAcks).toBe(2);
  });
});

describe("the limit of challenges of a host: RFC 5961 §7", () => {
  test("so many a second, whatever the connection", () => {
    const bench = listening({ config: { challengeAckLimit: 1 } });
    const { peer, context } = bench;
    for (let i = 0; i < 3; i++) {
      peer.port = PEER_PORT + i;
      peer.sends(syn({ seq: 100 }));
      peer.sends(ack({ seq: 101, ack: 1 }));
      accepts(bench);
      peer.takes();
      peer.sends(rst({ seq: 300 }));
      expect(peer.takes()).toHaveLength(i < 1 ? 1 : 0);
    }
    peer.advance(seconds(1));
    peer.sends(rst({ seq: 300 }));
    expect(peer.takes()).toHaveLength(1);
    expect(context.counters.challengeAcks).toBe(2);
  });

  const NOW = seconds(0) as number as Instant;
  const SECOND = seconds(1);
  const taken = (budget: ChallengeBudget, limit: number, from: number): number => {
    let count = 0;
    while (count < 1_000 && budget.take((from + count) as Instant, limit)) count++;
    return count;
  };

  test("the budget is full again with each new second", () => {
    const budget = new ChallengeBudget(new SeededRandom(1));
    expect(budget.take(NOW, 1)).toBe(true);
    expect(budget.take((NOW + SECOND - 1) as Instant, 1)).toBe(false);
    expect(budget.take((NOW + SECOND) as Instant, 1)).toBe(true);
  });

  test("its size is drawn anew each second, about the limit: nobody can count it (CVE-2016-5696)", () => {
    const budget = new ChallengeBudget(new SeededRandom(1));
    const counts = Array.from({ length: 300 }, (_, i) => taken(budget, 100, i * SECOND));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...counts)).toBeLessThan(150);
    expect(new Set(counts).size).toBeGreaterThan(70);
    const mean = counts.reduce((sum, count) => sum + count) / counts.length;
    expect(Math.abs(mean - 100)).toBeLessThan(6);
  });

  test("0 is none at all; 2³¹ − 1, Linux's default, is no limit", () => {
    const budget = new ChallengeBudget(new SeededRandom(1));
    expect(taken(budget, 0, 0)).toBe(0);
    expect(taken(budget, 0x7fff_ffff, 0)).toBe(1_000);
  });
});

describe("one limit for all that a connection answers (tcp_invalid_ratelimit)", () => {
  test("a challenge uses up what an old ACK would be answered with, and the other way round", () => {
    const { peer, context } = established();
    peer.sends(rst({ seq: 300 }));
    expect(peer.takes()).toHaveLength(1);
    peer.sends(ack({ seq: 50 }));
    peer.expectsNothing();
    expect(context.counters.skippedSequence).toBe(1);
    peer.advance(milliseconds(500));
    peer.sends(ack({ seq: 50 }), syn({ seq: 50 }));
    expect(peer.takes()).toHaveLength(1);
    expect(context.counters).toMatchObject({ skippedChallenge: 1, synChallenges: 1, challengeAcks: 1 });
  });
});

describe("answers to unacceptable segments: RFC 9293 §3.10.7.4, first step", () => {
  test("a bare one is answered at most twice a second, so that two hosts do not talk for ever", () => {
    const { peer } = established();
    for (let i = 0; i < 10; i++) peer.sends(ack({ seq: 50 }));
    expect(peer.takes()).toHaveLength(1);
    peer.advance(milliseconds(500));
    peer.sends(fin({ seq: 50 }));
    expect(peer.takes()).toHaveLength(1);
  });

  test("one with text is always answered: its sender waits for it", () => {
    const { peer } = established();
    for (let i = 0; i < 10; i++) peer.sends(text("x", { seq: 50 }));
    expect(peer.takes()).toHaveLength(10);
  });

  test("a burst of them is answered once", () => {
    const { peer } = established();
    peer.sendsBurst(text("x", { seq: 50 }), text("y", { seq: 51 }), text("z", { seq: 52 }));
    expect(peer.takes()).toHaveLength(1);
  });
});
