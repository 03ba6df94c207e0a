/**
 * What the probe is told: each kind of event once, with the right reason. That every cause of a change of
 * state is one of its edge, the bench checks in all tests of TCP.
 */
import { describe, expect, test } from "vitest";
import type { Bench } from "../../test/tcp/bench.ts";
import {
  accepted,
  accepts,
  closeWait,
  closing,
  connects,
  established,
  FULL,
  finWait1,
  finWait2,
  lastAck,
  listening,
  SACK,
  simultaneouslyOpened,
  synReceived,
  synSent,
  timeWait,
} from "../../test/tcp/fixtures.ts";
import { ack, fin, rst, rstAck, segment, syn, synAck, text } from "../../test/tcp/segments.ts";
import { told } from "../../test/tcp/told.ts";
import { milliseconds, seconds } from "../base/time.ts";

/** The sequence number of the n-th full segment, from 0 on. */
const at = (n: number): number => 1 + n * FULL;

describe("why the state changed", () => {
  const ends: ReadonlyArray<readonly [string, () => Bench, (bench: Bench) => void, string]> = [
    ["CLOSE while connecting", synSent, b => b.user.closes(), "SYN-SENT → CLOSED: CLOSE"],
    [
      "RST while connecting",
      synSent,
      b => b.peer.sends(rstAck({ ack: 1 })),
      "SYN-SENT → CLOSED: RST received",
    ],
    ["ABORT while connecting", synSent, b => b.user.aborts(), "SYN-SENT → CLOSED: ABORT"],
    ["nobody answers", synSent, b => b.advance(seconds(300)), "SYN-SENT → CLOSED: retransmissions given up"],
    [
      "both open",
      synSent,
      b => b.peer.sends(syn({ seq: 100 })),
      "SYN-SENT → SYN-RECEIVED: SYN received (simultaneous open), SYN-ACK sent",
    ],
    [
      "our SYN is acknowledged",
      simultaneouslyOpened,
      b => b.peer.sends(ack({ seq: 101, ack: 1 })),
      "SYN-RECEIVED → ESTABLISHED: ACK of our SYN received",
    ],
    [
      "RST for a half-open one",
      synReceived,
      b => b.peer.sends(rst({ seq: 101 })),
      "SYN-RECEIVED → LISTEN: RST received",
    ],
    [
      "a half-open one is not answered",
      synReceived,
      b => b.advance(seconds(300)),
      "SYN-RECEIVED → LISTEN: retransmissions given up",
    ],
    [
      "the listener is closed",
      synReceived,
      b => b.listener && b.tcp.closeListener(b.listener),
      "LISTEN → CLOSED: CLOSE",
    ],
    ["RST", established, b => b.peer.sends(rst()), "ESTABLISHED → CLOSED: RST received"],
    ["ABORT", established, b => b.user.aborts(), "ESTABLISHED → CLOSED: ABORT"],
    [
      "text is never acknowledged",
      established,
      b => {
        b.user.sends(1);
        b.advance(seconds(2_000));
      },
      "ESTABLISHED → CLOSED: retransmissions given up",
    ],
    [
      "the user leaves, with text unread",
      established,
      b => {
        b.peer.sends(text("unread"));
        b.user.releases();
      },
      "ESTABLISHED → CLOSED: CLOSE with text unread, RST sent",
    ],
    ["CLOSE", established, b => b.user.closes(), "ESTABLISHED → FIN-WAIT-1: CLOSE, FIN sent"],
    ["FIN", established, b => b.peer.sends(fin()), "ESTABLISHED → CLOSE-WAIT: FIN received, ACK sent"],
    [
      "our FIN is acknowledged",
      finWait1,
      b => b.peer.sends(ack({ ack: 2 })),
      "FIN-WAIT-1 → FIN-WAIT-2: ACK of our FIN received",
    ],
    [
      "FINs cross",
      finWait1,
      b => b.peer.sends(fin({ ack: 1 })),
      "FIN-WAIT-1 → CLOSING: FIN received (simultaneous close), ACK sent",
    ],
    [
      "the peer never closes, and nobody waits",
      finWait2,
      b => {
        b.user.releases();
        b.advance(seconds(100));
      },
      "FIN-WAIT-2 → CLOSED: FIN-WAIT-2 timeout",
    ],
    [
      "text for a user who has left",
      finWait2,
      b => {
        b.user.releases();
        b.peer.sends(text("late"));
      },
      "FIN-WAIT-2 → CLOSED: text received that nobody reads, RST sent",
    ],
    [
      "the peer closes too",
      finWait2,
      b => b.peer.sends(fin({ ack: 2 })),
      "FIN-WAIT-2 → TIME-WAIT: FIN received, ACK sent",
    ],
    ["the user closes too", closeWait, b => b.user.closes(), "CLOSE-WAIT → LAST-ACK: CLOSE, FIN sent"],
    [
      "crossing FINs are acknowledged",
      closing,
      b => b.peer.sends(ack({ ack: 2 })),
      "CLOSING → TIME-WAIT: ACK of our FIN received",
    ],
    [
      "the last ACK",
      lastAck,
      b => b.peer.sends(ack({ ack: 2 })),
      "LAST-ACK → CLOSED: ACK of our FIN received",
    ],
    ["time passes", timeWait, b => b.advance(seconds(61)), "TIME-WAIT → CLOSED: 2 MSL have passed"],
    ["RST in TIME-WAIT", timeWait, b => b.peer.sends(rst({ seq: 102 })), "TIME-WAIT → CLOSED: RST received"],
  ];

  test.each(ends)("%s", (_name, fixture, happens, expected) => {
    const bench = fixture();
    const { causes } = told(bench);
    happens(bench);
    expect(causes.at(-1)).toBe(expected);
  });

  test("the probes of a window, or of a silent peer, are given up", () => {
    const keepalive = established({ config: { keepalive: true } });
    const heard = told(keepalive);
    keepalive.advance(seconds(20_000));
    expect(heard.causes).toEqual(["ESTABLISHED → CLOSED: keepalive probes given up"]);
    const window = established();
    const { causes } = told(window);
    window.peer.sends(ack({ window: 0 }));
    window.user.sends(10);
    window.advance(seconds(20_000));
    expect(causes).toEqual(["ESTABLISHED → CLOSED: window probes given up"]);
  });

  test("a listener's own, and what its close does to half-open connections", () => {
    const bench = synReceived();
    const { causes, ends: seen, timers } = told(bench);
    if (bench.listener) bench.tcp.closeListener(bench.listener);
    expect(causes).toEqual(["SYN-RECEIVED → CLOSED: CLOSE of the listener", "LISTEN → CLOSED: CLOSE"]);
    expect(seen).toEqual(["syn-received left"]);
    expect(timers).toEqual(["syn-received syn-ack cancelled"]);
  });
});

describe("the ends of connections", () => {
  test("an active open, up to the end of TIME-WAIT", () => {
    const bench = listening();
    const heard = told(bench);
    connects(bench);
    bench.peer.sends(synAck({ seq: 100, ack: 1 }));
    bench.user.closes();
    bench.peer.sends(fin({ ack: 2 }));
    bench.advance(seconds(61));
    expect(heard.ends).toEqual([
      "connection opened",
      "connection ended in order",
      "connection is time-wait",
      "time-wait left",
    ]);
    expect(heard.causes[0]).toBe("CLOSED → SYN-SENT: active OPEN, SYN sent");
  });

  test("a passive open is one end, from the SYN on", () => {
    const bench = listening();
    const heard = told(bench);
    bench.peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }), rst());
    expect(heard.ends).toEqual([
      "syn-received opened",
      "syn-received is connection",
      "connection ended ECONNRESET",
      "connection left",
    ]);
    expect(heard.causes).toEqual([
      "LISTEN → SYN-RECEIVED: SYN received, SYN-ACK sent",
      "SYN-RECEIVED → ESTABLISHED: ACK of our SYN received",
      "ESTABLISHED → CLOSED: RST received",
    ]);
    expect(heard.timers.map(timer => timer.replace(/ \d+$/, ""))).toEqual([
      "syn-received syn-ack set",
      "syn-received syn-ack cancelled",
    ]);
  });

  test("a newer SYN that takes the place of TIME-WAIT is an end of its own", () => {
    const bench = timeWait();
    bench.tcp.listen({ port: bench.connection.localPort });
    const heard = told(bench);
    bench.peer.sends(syn({ seq: 5_000 }));
    expect(heard.ends).toEqual(["time-wait left", "syn-received opened"]);
    expect(heard.causes.at(-1)).toBe("TIME-WAIT → SYN-RECEIVED: newer SYN received (RFC 6191), SYN-ACK sent");
  });
});

describe("why a segment was sent", () => {
  test("handshake, text, FIN, reset", () => {
    const bench = listening();
    const { sent } = told(bench);
    connects(bench);
    bench.peer.sends(synAck({ seq: 100, ack: 1 }));
    bench.user.sends(3);
    bench.user.closes();
    bench.user.aborts();
    expect(sent).toEqual([
      "connection handshake 0",
      "connection handshake 0",
      "connection text 3",
      "connection fin 0 FIN",
      "connection reset 0",
    ]);
  });

  test("a FIN that goes with text is text", () => {
    const bench = established();
    const { sent } = told(bench);
    bench.connection.send(new Uint8Array(5));
    bench.user.closes();
    expect(sent).toEqual(["connection text 5 FIN"]);
  });

  test("an ACK for every second segment, a delayed one, one that repeats what has come", () => {
    const bench = established();
    const { sent } = told(bench);
    bench.peer.sends(text(FULL));
    bench.peer.sends(text(FULL));
    expect(sent.splice(0)).toEqual(["connection ack 0"]);
    bench.peer.sends(text(1));
    bench.advance(milliseconds(500));
    expect(sent.splice(0)).toEqual(["connection delayed-ack 0"]);
    bench.peer.sends(text(FULL, { seq: 101 }));
    expect(sent.splice(0)).toEqual(["connection duplicate-ack 0"]);
    bench.peer.sends(text(FULL, { seq: 101 + 3 * FULL }));
    expect(sent.splice(0)).toEqual(["connection duplicate-ack 0"]);
  });

  test("a window that the user has opened again", () => {
    const bench = established({ config: { receiveBuffer: 8 * FULL } });
    const { sent } = told(bench);
    while (bench.connection.tcb.receiveWindow > 0) {
      bench.peer.sends(text(Math.min(FULL, bench.connection.tcb.receiveWindow)));
    }
    sent.length = 0;
    bench.user.reads();
    expect(sent).toEqual(["connection window-update 0"]);
  });

  test("probes of a closed window, of a silent peer, of the tail", () => {
    const window = established();
    window.peer.sends(ack({ window: 0 }));
    const probes = told(window);
    window.user.sends(10);
    window.advance(seconds(1));
    expect(probes.sent).toEqual(["connection window-probe 0", "connection window-probe 0"]);
    const silent = established({ config: { keepalive: true } });
    const { sent } = told(silent);
    silent.advance(seconds(7_201));
    expect(sent).toEqual(["connection keepalive 0"]);
    const tail = established({ offer: SACK, rtt: 10 });
    const heard = told(tail);
    tail.user.sends(FULL);
    tail.advance(milliseconds(215));
    expect(heard.sent).toEqual([`connection text ${FULL}`, `connection tlp ${FULL}`]);
    expect(heard.timers).toEqual(["connection tail-loss-probe fired"]);
  });

  test("answers to what does not fit: a challenge, TIME-WAIT's, a half-open one's", () => {
    const open = established();
    const heard = told(open);
    open.peer.sends(syn({ seq: 101 }));
    expect(heard.sent).toEqual(["connection challenge-ack 0"]);
    const waiting = timeWait();
    const { sent } = told(waiting);
    waiting.peer.sends(fin({ seq: 101, ack: 2 }));
    expect(sent).toEqual(["time-wait time-wait 0"]);
    const halfOpen = synReceived();
    const answers = told(halfOpen);
    halfOpen.peer.sends(syn({ seq: 102 }));
    expect(answers.sent).toEqual(["syn-received challenge-ack 0"]);
  });

  test("resets to strangers", () => {
    const bench = listening();
    const { sent, verdicts } = told(bench);
    bench.peer.hostPort = 9;
    bench.peer.sends(syn({ seq: 100 }));
    expect([sent, verdicts]).toEqual([["stranger reset 0"], ["nobody tcp-no-connection"]]);
  });

  test("what the device does not take is refused, not sent", () => {
    const bench = established();
    const { sent } = told(bench);
    bench.path.error = "ENOBUFS";
    bench.user.sends(1);
    expect(sent).toEqual(["connection refused"]);
  });

  test("SYN and SYN-ACK again", () => {
    const active = synSent();
    const heard = told(active);
    active.advance(seconds(1));
    expect([heard.sent, heard.lost]).toEqual([["connection syn 0"], ["0…1 syn"]]);
    expect(heard.timers).toEqual(["connection retransmit fired"]);
    const passive = synReceived();
    const { sent, timers } = told(passive);
    passive.advance(seconds(1));
    expect(sent).toEqual(["syn-received syn 0"]);
    expect(timers).toEqual([
      "syn-received syn-ack fired",
      expect.stringMatching(/^syn-received syn-ack set \d+$/),
    ]);
  });
});

describe("what became of a segment", () => {
  const verdicts: ReadonlyArray<readonly [string, () => Bench, (bench: Bench) => void, string]> = [
    ["text in order", established, b => b.peer.sends(text("abc")), "connection taken"],
    [
      "text beyond a hole",
      established,
      b => b.peer.sends(text("abc", { seq: 104 })),
      "connection out-of-order",
    ],
    [
      "the same beyond a hole once more",
      established,
      b => b.peer.sends(text("abc", { seq: 104 }), text("abc", { seq: 104 })),
      "connection duplicate",
    ],
    [
      "old text",
      established,
      b => b.peer.sends(text("abc", { seq: 101 }), text("abc", { seq: 101 })),
      "connection duplicate",
    ],
    [
      "old text with new behind it",
      established,
      b => b.peer.sends(text("abc", { seq: 101 }), text("abcdef", { seq: 101 })),
      "connection taken",
    ],
    ["a FIN beyond a hole", established, b => b.peer.sends(fin({ seq: 104 })), "connection out-of-order"],
    ["a FIN", established, b => b.peer.sends(fin()), "connection taken"],
    ["out of the window", established, b => b.peer.sends(ack({ seq: 90 })), "connection tcp-out-of-window"],
    ["RST at a wrong number", established, b => b.peer.sends(rst({ seq: 150 })), "connection tcp-bad-reset"],
    ["SYN for a listener", listening, b => b.peer.sends(syn({ seq: 100 })), "nobody taken"],
    ["SYN once more", synReceived, b => b.peer.sends(syn({ seq: 100 })), "syn-received duplicate"],
    ["the third ACK", synReceived, b => b.peer.sends(ack({ seq: 101, ack: 1 })), "syn-received taken"],
    [
      "a FIN for TIME-WAIT",
      timeWait,
      b => b.peer.sends(fin({ seq: 101, ack: 2 })),
      "time-wait tcp-after-close",
    ],
    ["no flags", established, b => b.peer.sends(segment("", { seq: 101 })), "connection tcp-bad-flags"],
  ];

  test.each(verdicts)("%s", (_name, fixture, happens, expected) => {
    const bench = fixture();
    const heard = told(bench);
    happens(bench);
    expect(heard.verdicts.at(-1)).toBe(expected);
  });
});

describe("acknowledgments, losses and recovery", () => {
  test("news is told with what it added and the round trip; what is no news is not", () => {
    const bench = established({ offer: SACK, rtt: 20 });
    const { acknowledged } = told(bench);
    bench.user.sends(3 * FULL);
    bench.advance(milliseconds(20));
    bench.peer.sends(ack({ ack: at(1) }));
    bench.peer.sends(ack({ ack: at(1) }));
    bench.peer.sends(ack({ ack: at(1), sack: [[at(2), at(3)]] }));
    expect(acknowledged).toEqual([
      `${at(1)} +${FULL} sack 0 rtt 20000`,
      `${at(1)} +0 sack ${FULL} rtt 20000`,
    ]);
  });

  test("three duplicates: fast", () => {
    const bench = established();
    bench.user.sends(5 * FULL);
    const { lost, sent, recovery } = told(bench);
    for (let i = 0; i < 3; i++) bench.peer.sends(ack({ ack: 1 }));
    expect(lost).toEqual([`1…${at(1)} fast`]);
    expect(sent).toEqual([`connection fast ${FULL}`]);
    bench.peer.sends(ack({ ack: at(5) }));
    bench.user.sends(FULL);
    bench.peer.sends(ack({ ack: at(6) }));
    expect(recovery).toEqual(["entered disorder", "left disorder", "entered recovery", "left recovery"]);
  });

  test("reports: RACK", () => {
    const bench = established({ offer: SACK, rtt: 10 });
    bench.user.sends(5 * FULL);
    const { lost, sent } = told(bench);
    bench.advance(milliseconds(10));
    bench.peer.sends(ack({ ack: 1, sack: [[at(1), at(5)]] }));
    expect([lost, sent]).toEqual([[`1…${at(1)} rack`], [`connection rack ${FULL}`]]);
  });

  test("by counting reports, where RACK is off: fast", () => {
    const bench = established({ offer: SACK, rtt: 10, config: { rack: false } });
    bench.user.sends(5 * FULL);
    const { lost, sent } = told(bench);
    bench.peer.sends(ack({ ack: 1, sack: [[at(1), at(5)]] }));
    expect([lost, sent[0]]).toEqual([[`1…${at(1)} fast`], `connection fast ${FULL}`]);
  });

  test("reports that leave time for reordering: the timer of RACK fires", () => {
    const bench = established({ offer: SACK, rtt: 20 });
    bench.user.sends(2 * FULL);
    const { timers, lost } = told(bench);
    bench.advance(milliseconds(20));
    bench.peer.sends(ack({ ack: 1, sack: [[at(1), at(2)]] }));
    expect(lost).toEqual([]);
    bench.advance(milliseconds(20));
    expect([timers, lost]).toEqual([["connection reordering fired"], [`1…${at(1)} rack`]]);
  });

  test("a timeout, and its undoing", () => {
    const bench = established({ rtt: 10, offer: { ...SACK, timestamps: [1, 0] } });
    bench.user.sends(FULL - 12);
    bench.advance(milliseconds(9));
    const { lost, sent, recovery, timers } = told(bench);
    const original = bench.peer.takes().at(-1)?.timestamps?.[0] ?? 0;
    bench.advance(milliseconds(800));
    expect(timers[0]).toBe("connection tail-loss-probe fired");
    expect(timers).toContain("connection retransmit fired");
    expect(lost[0]).toBe(`1…${FULL - 11} timeout`);
    expect(sent).toContain(`connection timeout ${FULL - 12}`);
    bench.peer.sends(ack({ ack: FULL - 11, timestamps: [bench.peer.clock, original] }));
    expect(recovery).toEqual(["entered loss", "undone loss", "left loss"]);
  });

  test("a tail loss probe that repairs", () => {
    const bench = established({ offer: SACK, rtt: 10 });
    bench.user.sends(2 * FULL);
    bench.peer.sends(ack({ ack: at(1) }));
    const { lost, recovery } = told(bench);
    bench.advance(milliseconds(215));
    bench.user.sends(FULL);
    bench.peer.sends(ack({ ack: at(3) }));
    expect(lost).toEqual([`${at(1)}…${at(2)} tlp`]);
    expect(recovery).toEqual(["entered cwr", "left cwr"]);
  });

  test("a path that takes less: size", () => {
    const bench = established({ rtt: 10 });
    bench.user.sends(2 * FULL);
    const { lost, sent } = told(bench);
    bench.path.mtu = 1_000;
    bench.user.sends(1);
    expect(lost).toEqual([`1…${at(2)} size`]);
    expect(sent[0]).toBe("connection size 960");
  });
});

describe("timers that run out", () => {
  test("only those that have an effect", () => {
    const bench = finWait2();
    const { timers } = told(bench);
    bench.user.releases();
    bench.advance(seconds(100));
    expect(timers).toEqual(["connection fin-wait-2 fired"]);
  });

  test("a SYN-ACK's that nobody answers: it fires a last time, and is not cancelled then", () => {
    const bench = synReceived();
    const { timers } = told(bench);
    bench.advance(seconds(300));
    expect(timers.at(-1)).toBe("syn-received syn-ack fired");
  });

  test("the delayed ACK's, the persist timer's, keepalive's, TIME-WAIT's", () => {
    const bench = established({ config: { keepalive: true } });
    const { timers } = told(bench);
    bench.peer.sends(text(1));
    bench.advance(milliseconds(500));
    expect(timers.splice(0)).toEqual(["connection delayed-ack fired"]);
    bench.peer.sends(ack({ window: 0 }));
    bench.user.sends(1);
    bench.advance(milliseconds(250));
    expect(timers.splice(0)).toEqual(["connection persist fired"]);
    bench.peer.sends(ack({ window: 1_000 }));
    bench.peer.sends(ack({ ack: 2 }));
    bench.advance(seconds(7_300));
    expect(timers.splice(0)[0]).toBe("connection keepalive fired");
    const waiting = timeWait();
    const heard = told(waiting);
    waiting.peer.sends(fin({ seq: 101, ack: 2 }));
    waiting.advance(seconds(61));
    expect(heard.timers.map(timer => timer.replace(/ \d+$/, ""))).toEqual([
      "time-wait time-wait set",
      "time-wait time-wait fired",
    ]);
  });
});

test("after each event that is answered, the connection has settled", () => {
  const bench = established();
  const { settled } = told(bench);
  bench.peer.sends(text("abc"), fin());
  expect(settled).toEqual(["ESTABLISHED", "CLOSE-WAIT"]);
});

test("the user wrote, the user read", () => {
  const bench = established();
  const { user } = told(bench);
  bench.peer.sends(text("abc"));
  bench.user.sends(10);
  bench.user.reads(2);
  bench.user.reads();
  bench.user.reads();
  expect(user).toEqual(["wrote 10", "read 2", "read 1"]);
});

describe("queues and cookies", () => {
  function flooded(count: number, config: FloodConfig = {}): Bench {
    const bench = listening({ backlog: 0, config });
    for (let i = 0; i < count; i++) {
      bench.peer.port = 5_000 + i;
      bench.peer.sends(syn({ seq: 100 }));
    }
    return bench;
  }
  type FloodConfig = { readonly synCookies?: number };

  test("a SYN queue that overflows, with cookies and without", () => {
    const bench = listening({ backlog: 0 });
    const heard = told(bench);
    bench.peer.sends(syn({ seq: 100 }));
    bench.peer.port++;
    bench.peer.sends(syn({ seq: 100 }));
    expect([heard.queues, heard.cookies, heard.sent]).toEqual([
      ["syn"],
      ["sent for 10.0.0.2"],
      ["syn-received handshake 0", "syn-received syn-cookie 0"],
    ]);
    bench.peer.takes();
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    expect(heard.cookies.at(-1)).toBe("accepted for 10.0.0.2");
    expect(heard.ends.slice(-2)).toEqual(["syn-received opened", "syn-received is connection"]);
    expect(heard.causes.slice(-2)).toEqual([
      "LISTEN → SYN-RECEIVED: SYN cookie received",
      "SYN-RECEIVED → ESTABLISHED: ACK of our SYN received",
    ]);
    bench.peer.port++;
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    expect(heard.cookies.at(-1)).toBe("refused for 10.0.0.2");
    const none = flooded(1, { synCookies: 0 });
    const { queues, verdicts } = told(none);
    none.peer.port = 6_000;
    none.peer.sends(syn({ seq: 100 }));
    expect([queues, verdicts]).toEqual([["syn"], ["nobody tcp-syn-queue-full"]]);
  });

  test("an accept queue that overflows", () => {
    const bench = listening({ backlog: 0 });
    bench.peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    const { queues } = told(bench);
    bench.peer.port++;
    bench.peer.sends(syn({ seq: 100 }));
    expect(queues).toEqual(["accept"]);
    accepts(bench);
  });
});

test("several probes hear the same, and a probe that has only some of the methods", () => {
  const bench = accepted();
  const [one, other] = [told(bench), told(bench)];
  bench.peer.sends(text("abc"), fin());
  bench.user.reads();
  bench.user.closes();
  expect(one.sent.length).toBeGreaterThan(1);
  expect({ ...one, forget: 0 }).toEqual({ ...other, forget: 0 });
});
