import { describe, expect, test } from "vitest";
import { accepted, established, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text, times } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { Persist } from "./persist.ts";

const RTO = milliseconds(200);
const MOST = seconds(120);

describe("Persist: RFC 9293 §3.8.6.1", () => {
  test("the first probe after the timeout (SHLD-29), each later one after twice as long (SHLD-30)", () => {
    const persist = new Persist();
    const delays = Array.from({ length: 5 }, () => {
      const delay = persist.delay(RTO, MOST);
      persist.probed();
      return delay / 1_000;
    });
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200]);
  });

  test("at most the upper bound, however often", () => {
    const persist = new Persist();
    for (let i = 0; i < 5_000; i++) persist.probed();
    expect(persist.delay(RTO, MOST)).toBe(MOST);
  });

  test("an answer keeps the backoff, and forgets that probes went unanswered (MUST-37)", () => {
    const persist = new Persist();
    persist.probed();
    persist.probed();
    expect(persist.unanswered).toBe(2);
    persist.answered();
    expect(persist.unanswered).toBe(0);
    expect(persist.delay(RTO, MOST)).toBe(milliseconds(800));
  });

  test("an open window begins anew", () => {
    const persist = new Persist();
    persist.probed();
    persist.opened();
    expect(persist.unanswered).toBe(0);
    expect(persist.delay(RTO, MOST)).toBe(RTO);
  });
});

describe("the persist timer: RFC 9293 §3.8.6.1", () => {
  const shut = { offer: { mss: FULL, window: 0 } };

  test("a closed window is probed after the timeout, then after twice as long, up to 120 s (MUST-36, SHLD-29, SHLD-30)", () => {
    const { peer, user, context } = established(shut);
    peer.window = 0;
    user.sends("abc");
    const at: number[] = [];
    for (let second = 0; second < 600; second++) {
      peer.advance(seconds(1));
      for (const probe of peer.takes()) {
        expect(probe).toMatchObject({ flags: "A", seq: 0, ack: 101 });
        expect(probe.bytes).toHaveLength(0);
        at.push(...times([probe]));
        peer.sends(ack({ ack: 1 }));
      }
    }
    expect(at.slice(0, 5)).toEqual([200, 600, 1_400, 3_000, 6_200]);
    expect((at.at(-1) as number) - (at.at(-2) as number)).toBe(120_000);
    // Ten minutes of a closed window are no reason to end a connection (MUST-37).
    expect(peer.state).toBe("ESTABLISHED");
    expect(context.counters.windowProbes).toBe(at.length);
    peer.sends(ack({ window: 1_000 }));
    peer.expects(text("abc", { seq: 1 }));
  });

  test("hours of it, as long as the peer answers (MUST-37)", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.sends("abc");
    for (let minute = 0; minute < 240; minute++) {
      peer.advance(seconds(60));
      if (peer.takes().length > 0) peer.sends(ack({ ack: 1 }));
    }
    expect(peer.state).toBe("ESTABLISHED");
  });

  test("a lost window update: the answer to the next probe brings it", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.sends("abc");
    peer.advance(milliseconds(201));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1 }));
    // The window opens, and nobody tells us.
    peer.advance(milliseconds(401));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1, window: 5_000 }));
    peer.expects(text("abc"));
  });

  test("probes that nobody answers end the connection at last: ETIMEDOUT", () => {
    const { peer, user, connection } = established(shut);
    peer.window = 0;
    user.sends("abc");
    peer.advance(seconds(3_000));
    expect(peer.state).toBe("CLOSED");
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("a FIN that the window has no place for is waited with too", () => {
    const { peer, user } = established(shut);
    peer.window = 0;
    user.closes();
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.expectsNothing();
    peer.advance(milliseconds(201));
    peer.expects(ack({ seq: 0 }));
    peer.sends(ack({ ack: 1, window: 1 }));
    peer.expects(fin({ seq: 1 }));
  });

  test("a window too small to be worth it is used at the timeout, text and all", () => {
    const { peer, user } = established();
    peer.window = 10;
    peer.sends(ack());
    user.sends(1_000);
    peer.advance(milliseconds(201));
    peer.expects(text(10, { seq: 1 }));
    peer.sends(ack());
    peer.expectsNothing();
    peer.advance(milliseconds(401));
    peer.expects(text(10, { seq: 11 }));
  });

  test("a window that opens a crack after a long time is used after the shortest timeout, not the longest", () => {
    const { peer, user } = established();
    peer.window = 0;
    peer.sends(ack());
    user.sends(1_000);
    for (let i = 0; i < 300; i++) {
      peer.advance(seconds(1));
      if (peer.takes().length > 0) peer.sends(ack({ ack: 1 }));
    }
    peer.sends(ack({ ack: 1, window: 100 }));
    peer.advance(milliseconds(250));
    peer.expects(text(100));
  });

  test("with nothing to send there is nothing to probe", () => {
    const { peer } = established(shut);
    peer.advance(seconds(1_000));
    peer.expectsNothing();
  });

  test("our own closed window: the peer's probe is answered with where we are (§3.8.6.1, MAY-8)", () => {
    const { peer } = accepted({ config: { receiveBuffer: 1_000 } });
    peer.sends(text(1_000));
    peer.advance(milliseconds(40));
    peer.expects(ack({ ack: 1_101, window: 0 }));
    peer.sends(text("p", { seq: 1_101 }));
    peer.expects(ack({ ack: 1_101, window: 0 }));
    peer.sends(ack({ seq: 1_100 }));
    peer.expects(ack({ ack: 1_101, window: 0 }));
  });
});
