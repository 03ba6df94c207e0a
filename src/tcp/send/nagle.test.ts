import { describe, expect, test } from "vitest";
import { established, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { WRITE } from "../write.ts";
import { Nagle } from "./nagle.ts";

describe("Nagle: RFC 9293 §3.7.4, Minshall's form", () => {
  test("nothing small is out: a small segment may go", () => {
    expect(new Nagle(false).holds(seq(0))).toBe(false);
  });

  test("a small one is out: the next waits until it is acknowledged whole", () => {
    const nagle = new Nagle(false);
    nagle.smallSent(seq(100));
    expect(nagle.holds(seq(50))).toBe(true);
    expect(nagle.holds(seq(99))).toBe(true);
    expect(nagle.holds(seq(100))).toBe(false);
  });

  test("full ones that follow it do not matter", () => {
    const nagle = new Nagle(false);
    nagle.smallSent(seq(100));
    expect(nagle.holds(seq(101))).toBe(false);
  });

  test("an old small segment does not come back when the sequence numbers have gone half round", () => {
    const nagle = new Nagle(false);
    nagle.smallSent(seq(100));
    expect(nagle.holds(seq(200))).toBe(false);
    expect(nagle.holds(seq(100 - 0x7fff_0000))).toBe(false);
  });

  test("is switched off by TCP_NODELAY (MUST-17), and on again", () => {
    const nagle = new Nagle(true);
    nagle.smallSent(seq(100));
    expect(nagle.holds(seq(50))).toBe(false);
    nagle.disabled = false;
    expect(nagle.holds(seq(50))).toBe(true);
  });

  test("compares across the wrap", () => {
    const nagle = new Nagle(false);
    nagle.smallSent(seq(5));
    expect(nagle.holds(seq(-5))).toBe(true);
    expect(nagle.holds(seq(5))).toBe(false);
  });
});

describe("Nagle's algorithm: RFC 9293 §3.7.4", () => {
  test("a small segment waits for the acknowledgment of the one before it (SHLD-7)", () => {
    const { peer, user } = established();
    user.sends("a");
    peer.expects(text("a"));
    user.sends("b");
    user.sends("c");
    peer.expectsNothing();
    peer.sends(ack());
    // Both writes in one segment (MAY-16), with one PSH (SHLD-27).
    peer.expects(text("bc"));
  });

  test("a full segment does not wait", () => {
    const { peer, user } = established();
    user.sends("a");
    user.sends(FULL);
    peer.expects(text("a"));
    peer.expects(text(FULL));
    peer.expectsNothing();
  });

  test("a message's last, small piece does not wait for its full ones (Minshall)", () => {
    const { peer, user } = established();
    user.sends(FULL + 10);
    peer.expects(text(FULL));
    peer.expects(text(10));
  });

  test("can be turned off (MUST-17), and what waited goes at once", () => {
    const bench = established();
    const { peer, user, connection } = bench;
    user.sends("a");
    user.sends("b");
    peer.expects(text("a"));
    peer.expectsNothing();
    connection.setNoDelay(true);
    bench.settleIfWoken();
    peer.expects(text("b"));
    user.sends("c");
    peer.expects(text("c"));
  });

  test("does not hold back urgent text, as on Linux", () => {
    const bench = established();
    bench.user.sends("a");
    bench.peer.expects(text("a"));
    bench.connection.send(new Uint8Array([98]), 0, 1, WRITE.urgent);
    bench.settleIfWoken();
    bench.peer.expects(text("b", { urgent: 1 }));
    bench.user.sends("c");
    bench.peer.expects(text("c"));
  });

  test("does not hold back FIN", () => {
    const { peer, user } = established();
    user.sends("a");
    user.sends("b");
    peer.takes();
    user.closes();
    peer.expects(fin({ text: "b" }));
  });
});
