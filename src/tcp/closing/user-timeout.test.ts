import { describe, expect, test } from "vitest";
import { established, finWait1, synSent } from "../../../test/tcp/fixtures.ts";
import { ack, fin, times } from "../../../test/tcp/segments.ts";
import { type Duration, type Instant, milliseconds, NEVER, seconds } from "../../base/time.ts";
import { setFinWait, setUserTimeout } from "../connection-options.ts";
import { finWait2Time } from "./fin-wait-2.ts";
import { Orphans, orphanRetries } from "./orphans.ts";
import { UserTimeout } from "./user-timeout.ts";

const at = (time: number): Instant => time as Instant;
const us = (time: number): Duration => time as Duration;

describe("UserTimeout", () => {
  test("is over so long after the first retransmission, not before one", () => {
    const timeout = new UserTimeout();
    expect(timeout.isOver(at(1_000), us(100))).toBe(false);
    timeout.timedOut(at(1_000));
    timeout.retransmitted(at(1_000));
    timeout.retransmitted(at(1_050));
    expect(timeout.isOver(at(1_099), us(100))).toBe(false);
    expect(timeout.isOver(at(1_100), us(100))).toBe(true);
    timeout.limit = us(30);
    expect(timeout.isOver(at(1_030), us(100))).toBe(true);
    timeout.progressed();
    expect(timeout.isOver(at(9_000), us(100))).toBe(false);
  });

  test("counts timeouts, the runs of them, and the time until what they held for lost is repaired", () => {
    const timeout = new UserTimeout();
    for (const time of [100, 300, 700]) timeout.timedOut(at(time));
    expect([timeout.total, timeout.runs, timeout.spent(at(800))]).toEqual([3, 1, 700]);
    timeout.progressed();
    expect(timeout.spent(at(850))).toBe(750);
    timeout.repaired(at(900));
    expect(timeout.spent(at(5_000))).toBe(800);
    timeout.timedOut(at(6_000));
    expect([timeout.total, timeout.runs, timeout.spent(at(6_050))]).toEqual([4, 2, 850]);
  });

  test("brings a timeout forward to its own end, never into the past", () => {
    const timeout = new UserTimeout();
    timeout.limit = us(300);
    expect(timeout.clamp(us(500), at(1_000))).toBe(500);
    timeout.timedOut(at(1_000));
    timeout.retransmitted(at(1_000));
    expect([timeout.clamp(us(500), at(1_100)), timeout.clamp(us(150), at(1_100))]).toEqual([200, 150]);
    expect(timeout.clamp(us(500), at(5_000))).toBe(0);
    expect(timeout.clampFrom(NEVER, us(500), at(1_000))).toBe(500);
  });
});

describe("TCP_USER_TIMEOUT: RFC 5482 §3", () => {
  test("ends a connection whose text is not acknowledged, at its time and not at the next timeout", () => {
    const { peer, user, connection } = established();
    setUserTimeout(connection, seconds(3));
    user.sends("abc");
    peer.advance(milliseconds(3_199));
    expect(times(peer.takes())).toEqual([0, 200, 600, 1_400, 3_000]);
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(milliseconds(2));
    expect(connection.error).toBe("ETIMEDOUT");
    peer.expectsNothing();
  });

  test("may be longer than R2", () => {
    const { peer, user, connection } = established({ config: { retries2: 2 } });
    setUserTimeout(connection, seconds(1_000));
    user.sends("abc");
    peer.advance(seconds(900));
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(seconds(200));
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("counts anew once something is acknowledged", () => {
    const { peer, user, connection } = established();
    setUserTimeout(connection, seconds(3));
    user.sends("abc");
    user.sends("def");
    peer.advance(seconds(2));
    peer.sends(ack({ ack: 4 }));
    peer.advance(seconds(2));
    expect(peer.state).toBe("ESTABLISHED");
    peer.advance(seconds(3));
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("while connecting it counts from the SYN", () => {
    const { peer, connection } = synSent();
    setUserTimeout(connection, milliseconds(2_500));
    peer.advance(milliseconds(2_499));
    expect(peer.state).toBe("SYN-SENT");
    peer.advance(milliseconds(1));
    expect(connection.error).toBe("ETIMEDOUT");
  });

  test("ends a connection behind a closed window though the peer answers every probe", () => {
    const { peer, user, connection } = established();
    setUserTimeout(connection, seconds(2));
    user.sends("abc");
    peer.sends(ack({ ack: 4, window: 0 }));
    user.sends("def");
    for (let i = 0; i < 30 && connection.error === undefined; i++) {
      peer.advance(milliseconds(100));
      peer.sends(ack({ ack: 4, window: 0 }));
    }
    expect(connection.error).toBe("ETIMEDOUT");
    expect(connection.now).toBe(seconds(2.3));
  });

  test("ends probing by keepalive, however many probes are allowed", () => {
    const { peer, connection } = established({
      config: {
        keepalive: true,
        keepaliveTime: seconds(10),
        keepaliveInterval: seconds(1),
        keepaliveProbes: 2,
      },
    });
    setUserTimeout(connection, seconds(14));
    peer.advance(milliseconds(13_999));
    expect(times(peer.takes())).toEqual([10_000, 11_000, 12_000, 13_000]);
    peer.advance(milliseconds(1));
    expect(connection.error).toBe("ETIMEDOUT");
  });
});

describe("a device that takes nothing", () => {
  test("has sent nothing: the text is tried again, twice a second, and the timeout does not grow", () => {
    const { peer, user, path, connection } = established();
    path.error = "ENOBUFS";
    user.sends("abc");
    expect(connection.tcb.outstanding).toBe(0);
    peer.advance(milliseconds(5_300));
    expect(connection.persist.unanswered).toBe(11);
    expect(connection.rto.backoff).toBe(0);
    path.error = undefined;
    peer.advance(milliseconds(500));
    peer.expects({ flags: "A", seq: 1, text: "abc" });
    expect(connection.softError).toBeUndefined();
  });

  test("a retransmission that it refuses is tried again, and the timeout does not grow", () => {
    const { peer, user, path, connection } = established();
    user.sends("abc");
    peer.takes();
    path.error = "ENOBUFS";
    peer.advance(seconds(3));
    expect(connection.rto.backoff).toBe(0);
    path.error = undefined;
    peer.advance(milliseconds(500));
    expect(times(peer.takes())).toEqual([3_200]);
  });
});

describe("orphans", () => {
  test("give up after 8 retransmissions as long as the timeout grows, unless it is configured", () => {
    expect(orphanRetries(0, true, false)).toBe(8);
    expect(orphanRetries(3, true, false)).toBe(3);
    expect(orphanRetries(3, false, false)).toBe(3);
    expect(orphanRetries(3, false, true)).toBe(0);
    expect(orphanRetries(0, false, false)).toBe(0);
  });

  test("a FIN that nobody acknowledges is given up 204.6 s after it went out, not after R2", () => {
    const { peer, user } = finWait1();
    user.releases();
    peer.advance(milliseconds(204_600));
    expect(peer.state).toBe("FIN-WAIT-1");
    peer.advance(milliseconds(3));
    expect(peer.state).toBe("CLOSED");
  });

  test("beyond the limit they are reset at once", () => {
    const { peer, user } = established({ config: { orphanLimit: 0 } });
    user.releases();
    peer.expects({ flags: "AR", seq: 1 });
    expect(peer.state).toBe("CLOSED");
  });

  test("are counted until they end", () => {
    const { peer, user, tcp } = finWait1();
    user.releases();
    expect(tcp.orphans.count).toBe(1);
    peer.sends(fin({ ack: 2 }));
    expect(peer.state).toBe("TIME-WAIT");
    expect(tcp.orphans.count).toBe(0);
    const orphans = new Orphans();
    expect([orphans.add(1), orphans.add(1)]).toEqual([true, false]);
  });

  test("behind a closed window they are probed until the timeout has grown, not for ever", () => {
    const { peer, user } = established();
    user.sends("abc");
    peer.sends(ack({ ack: 4, window: 0 }));
    user.sends("def");
    user.releases();
    for (let i = 0; i < 400 && peer.state !== "CLOSED"; i++) {
      peer.advance(seconds(1));
      peer.sends(ack({ ack: 4, window: 0 }));
    }
    expect(peer.state).toBe("CLOSED");
  });
});

describe("FIN-WAIT-2 without a user", () => {
  test("lasts long enough for a lost FIN", () => {
    expect(finWait2Time(seconds(1), seconds(2))).toBe(seconds(7));
    expect(finWait2Time(seconds(60), seconds(2))).toBe(seconds(60));
  });

  test("lasts as long as TCP_LINGER2 says", () => {
    const { peer, user, connection } = finWait1();
    setFinWait(connection, seconds(5));
    user.releases();
    peer.sends(ack({ ack: 2 }));
    peer.advance(milliseconds(4_999));
    expect(peer.state).toBe("FIN-WAIT-2");
    peer.advance(milliseconds(1));
    expect(peer.state).toBe("CLOSED");
  });

  test("with a negative TCP_LINGER2 the acknowledgment of the FIN is answered with RST", () => {
    const { peer, user, connection } = finWait1();
    setFinWait(connection, seconds(-1));
    user.releases();
    peer.sends(ack({ ack: 2 }));
    peer.expects({ flags: "R", seq: 2 });
    expect(peer.state).toBe("CLOSED");
  });

  test("with a negative TCP_LINGER2 a release in FIN-WAIT-2 is a reset", () => {
    const { peer, user, connection } = finWait1();
    peer.sends(ack({ ack: 2 }));
    setFinWait(connection, seconds(-1));
    user.releases();
    peer.expects({ flags: "AR", seq: 2 });
  });
});
