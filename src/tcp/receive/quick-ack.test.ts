import { describe, expect, test } from "vitest";
import { accepted, established, FULL, instant, synSent } from "../../../test/tcp/fixtures.ts";
import { ack, fin, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { setQuickAck } from "../connection-options.ts";
import { DelayedAck } from "./delayed-ack.ts";
import { QuickAck } from "./quick-ack.ts";

const LIMITS = { quickAcks: 16, interactiveAfter: 1 };
const quick = { config: { quickAcks: 16 } };

describe("QuickAck: RFC 5681 §4.2, docs/decisions/quick-ack.md", () => {
  test("is off until something is granted, and off again when it is spent", () => {
    const ack = new QuickAck(LIMITS);
    expect(ack.isOn).toBe(false);
    ack.grant(65_535, 10_000);
    for (const isLast of [false, false, true]) {
      expect(ack.isOn).toBe(true);
      expect(ack.spend()).toBe(isLast);
    }
    expect(ack.isOn).toBe(false);
    expect(ack.spend()).toBe(false);
  });

  test("a grant is half the window's segments: two at least, sixteen at most", () => {
    const spent = (window: number, most?: number): number => {
      const ack = new QuickAck(LIMITS);
      ack.grant(window, 1_000, most);
      let count = 0;
      while (ack.isOn) {
        ack.spend();
        count++;
      }
      return count;
    };
    expect([spent(0), spent(7_999), spent(8_000), spent(1_000_000), spent(1_000_000, 2)]).toEqual([
      2, 3, 4, 16, 2,
    ]);
  });

  test("a smaller grant takes nothing away; being low on room does", () => {
    const ack = new QuickAck(LIMITS);
    ack.grant(4_000, 1_000);
    ack.grantOne();
    expect(ack.spend()).toBe(false);
    ack.withdraw();
    expect(ack.isOn).toBe(false);
  });

  test("who answers is not quick, as long as he does", () => {
    const ack = new QuickAck({ ...LIMITS, interactiveAfter: 3 });
    ack.grant(65_535, 1_000);
    ack.replied();
    ack.replied();
    expect(ack.isOn).toBe(true);
    ack.replied();
    expect(ack.isOn).toBe(false);
    ack.endInteractive();
    expect(ack.isOn).toBe(true);
  });

  test("a pause that is longer than the retransmission timeout begins anew", () => {
    const ack = new DelayedAck({ ...LIMITS, ...tcpDelays }, instant(0));
    const arrives = (at: number): boolean => {
      ack.textArrived(instant(at), milliseconds(200), 65_535, FULL);
      return ack.quick.isOn;
    };
    expect(arrives(0)).toBe(true);
    ack.quick.withdraw();
    expect(arrives(200_000)).toBe(false);
    expect(arrives(400_001)).toBe(true);
  });
});

const tcpDelays = {
  delayedAck: milliseconds(40),
  delayedAckMax: milliseconds(200),
  minRto: milliseconds(200),
};

describe("quick acknowledgments of a connection", () => {
  test("the first sixteen segments are acknowledged at once, then every second one (SHLD-19)", () => {
    const { peer } = accepted(quick);
    for (let i = 1; i <= 16; i++) {
      peer.sends(text(FULL));
      peer.expects(ack({ ack: 101 + i * FULL }));
    }
    peer.sends(text(FULL));
    peer.expectsNothing();
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 101 + 18 * FULL }));
  });

  test("one ACK is enough for a burst, and counts as one", () => {
    const { peer } = accepted(quick);
    peer.sendsBurst(...Array.from({ length: 20 }, () => text(FULL)));
    peer.expects(ack({ ack: 101 + 20 * FULL }));
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 101 + 21 * FULL }));
  });

  test("an answer that follows soon ends it: acknowledgments ride", () => {
    const { peer, user } = accepted(quick);
    peer.sends(text("a"));
    peer.expects(ack({ ack: 102 }));
    user.sends("b");
    peer.expects(text("b"));
    peer.sends(text("c", { ack: 2 }));
    peer.advance(milliseconds(39));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(ack({ ack: 103 }));
    // No answer this time: the conversation is over.
    peer.sends(text("d", { ack: 2 }));
    peer.expects(ack({ ack: 104 }));
  });

  test("what came twice makes the next ones quick again", () => {
    const { peer } = accepted(quick);
    for (let i = 0; i < 16; i++) peer.sends(text(FULL));
    peer.takes();
    peer.sends(text(FULL));
    peer.expectsNothing();
    peer.sends(text(FULL, { seq: 101 }));
    peer.expects(ack({ ack: 101 + 17 * FULL }));
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 101 + 18 * FULL }));
  });

  test("a FIN is acknowledged at once, in a conversation too", () => {
    const { peer, connection } = accepted(quick);
    peer.sends(text("a"));
    peer.takes();
    setQuickAck(connection, 0);
    peer.sends(fin());
    peer.expects(ack({ ack: 103 }));
  });

  test("what the user has read whole is acknowledged without waiting", () => {
    const { peer, user } = established();
    peer.sends(text("abc", { psh: true }));
    user.reads(2);
    peer.expectsNothing();
    user.reads(1);
    peer.expects(ack({ ack: 104 }));
  });
});

describe("TCP_QUICKACK", () => {
  test("0: acknowledgments wait", () => {
    const { peer, connection } = accepted(quick);
    setQuickAck(connection, 0);
    peer.sends(text(FULL));
    peer.advance(milliseconds(39));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(ack({ ack: 101 + FULL }));
  });

  test("1: what waits goes out, once it has been read", () => {
    const bench = accepted(quick);
    const { peer, user, connection } = bench;
    setQuickAck(connection, 0);
    peer.sends(text("abc"));
    user.reads();
    peer.expectsNothing();
    setQuickAck(connection, 1);
    bench.settle();
    peer.expects(ack({ ack: 104 }));
    peer.sends(text("d"));
    peer.expects(ack({ ack: 105 }));
  });

  test("an even number: only this once", () => {
    const bench = accepted(quick);
    const { peer, user, connection } = bench;
    setQuickAck(connection, 0);
    peer.sends(text("abc"));
    user.reads();
    setQuickAck(connection, 2);
    bench.settle();
    peer.expects(ack({ ack: 104 }));
    peer.sends(text("d"));
    peer.expectsNothing();
  });

  test("0 before the SYN-ACK: the last of the handshake waits for text, for 200 ms at most", () => {
    const { peer, user, connection } = synSent(quick);
    setQuickAck(connection, 0);
    peer.sends(synAck({ seq: 100, ack: 1, mss: FULL }));
    peer.expectsNothing();
    user.sends("hello");
    peer.expects(text("hello", { ack: 101 }));

    const silent = synSent(quick);
    setQuickAck(silent.connection, 0);
    silent.peer.sends(synAck({ seq: 100, ack: 1, mss: FULL }));
    silent.peer.advance(milliseconds(199));
    silent.peer.expectsNothing();
    silent.peer.advance(milliseconds(1));
    silent.peer.expects(ack({ ack: 101 }));
    silent.peer.advance(seconds(1));
    silent.peer.expectsNothing();
  });
});
