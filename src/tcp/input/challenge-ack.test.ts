import { describe, expect, test } from "vitest";
import { accepts, established, listening } from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, syn, text } from "../../../test/tcp/segments.ts";
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
    const bench = listening({ config: { challengeAckLimit: 2 } });
    const { peer } = bench;
    for (let i = 0; i < 3; i++) {
      peer.port = PEER_PORT + i;
      peer.sends(syn({ seq: 100 }));
      peer.sends(ack({ seq: 101, ack: 1 }));
      accepts(bench);
      peer.takes();
      peer.sends(rst({ seq: 300 }));
      expect(peer.takes()).toHaveLength(i < 2 ? 1 : 0);
    }
    peer.advance(seconds(1));
    peer.sends(rst({ seq: 300 }));
    expect(peer.takes()).toHaveLength(1);
  });

  test("the budget is full again with each new second", () => {
    const budget = new ChallengeBudget(2);
    const at = (time: number): boolean => budget.take(time as Instant);
    expect([at(0), at(1), at(2)]).toEqual([true, true, false]);
    expect(at(999_999)).toBe(false);
    expect([at(1_000_000), at(1_000_001), at(1_999_999)]).toEqual([true, true, false]);
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
