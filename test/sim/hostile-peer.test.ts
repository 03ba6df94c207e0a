/**
 * Peers that have completed the handshake and then do not keep to the rules. Whatever they say costs the host
 * a bounded amount of memory and of segments, throws nothing, and leaves an honest connection of the same
 * hosts alone.
 */
import { describe, expect, test } from "vitest";
import { below, chance } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import { FLAG, zeros } from "../support/frames.ts";
import { MSS, SACK_OK, SCALE, STAMP } from "./hostile-peer.ts";
import { behaves, ends, expectStream, FLOW_SEGMENTS, type Scene, SENDS, scene } from "./hostile-scene.ts";
import { forSeeds } from "./hostile-world.ts";

describe("a peer that lies about what has arrived", () => {
  test("SACK blocks of nonsense: reversed, huge, below, beyond, single bytes, and taken back", () => {
    forSeeds(4, seed => {
      const s = scene({ seed, options: [...MSS(1_460), ...SACK_OK, ...SCALE(7)] });
      const { w, peer, connection } = s;
      w.attack(800, milliseconds(1), () => {
        const { random } = w;
        const edge = (): number =>
          chance(random, 0.7) ? below(random, peer.reached + 10) : random.uint32() | 0;
        const blocks = Array.from({ length: 1 + below(random, 4) }, () => {
          const from = edge();
          return [from, chance(random, 0.5) ? from + 1 + below(random, 3_000) : edge()] as const;
        });
        const acknowledgment = chance(random, 0.05) ? 1 + below(random, peer.reached) : 1;
        peer.says({ options: peer.sack(...blocks), acknowledgment });
        expect(connection.queue.segments).toBeLessThanOrEqual(SENDS / 1_448 + 3 * 256);
      });
      behaves(s);
      // What it said had arrived may not come again, unless a timeout showed that it had not.
      ends(s);
    });
  });

  test("single bytes reported: records are cut into 256 pieces at most, and quickly", () => {
    const s = scene({ options: [...MSS(1_460), ...SACK_OK, ...SCALE(7)] });
    const { w, peer, connection } = s;
    w.attack(2_000, microseconds(50), i => {
      const at = 10 + 8 * i;
      peer.says({
        acknowledgment: 1,
        options: peer.sack([at, at + 1], [at + 2, at + 3], [at + 4, at + 5], [at + 6, at + 7]),
      });
    });
    expect(connection.queue.segments).toBeLessThanOrEqual(SENDS / 1_448 + 256 + 1);
    behaves(s);
    ends(s);
  });

  test("everything reported and then denied: the stream comes whole (RFC 2018 §8)", () => {
    const s = scene({ options: [...MSS(1_460), ...SACK_OK, ...SCALE(7)] });
    const { w, peer } = s;
    const first = peer.received;
    peer.says({ acknowledgment: 1, options: peer.sack([2, peer.reached]) });
    w.run(milliseconds(100));
    peer.forgets();
    w.run(seconds(3));
    behaves(s);
    expect(first).toBeGreaterThan(0);
    expectStream(s);
    ends(s);
  });

  test("optimistic ACKs: what was sent is believed, what was not is challenged, nothing breaks", () => {
    const s = scene({ options: [...MSS(1_460), ...SCALE(7)] });
    const { w, peer, connection } = s;
    w.attack(300, milliseconds(1), i => {
      const { snd, iss } = connection.tcb;
      const sent = (snd.nxt - iss) | 0;
      peer.says({ acknowledgment: i % 3 === 0 ? sent + 1 + below(w.random, 100_000) : sent });
    });
    expect(connection.tally.bytesSent).toBe(SENDS);
    expect(w.hosts.b.tcpCounters.challengeAcks).toBeLessThanOrEqual(2);
    ends(s);
  });

  test("an ACK for each byte: a segment for each at most, and the window grows by bytes (RFC 3465)", () => {
    const s = scene({ options: [...MSS(1_460), ...SCALE(7)] });
    const { w, peer, connection } = s;
    const { cwnd } = connection.congestion;
    const sent = w.sent.b;
    const acks = 3_000;
    w.attack(acks, microseconds(50), i => peer.says({ acknowledgment: 2 + i }));
    expect(connection.congestion.cwnd).toBeLessThanOrEqual(cwnd + acks);
    expect(w.sent.b - sent).toBeLessThanOrEqual(acks / 1_000 + FLOW_SEGMENTS);
    behaves(s);
    expectStream(s);
    ends(s);
  });

  test("duplicate ACKs without end: a segment for each at most (RFC 5681 §3.2)", () => {
    const s = scene({ options: [...MSS(1_460), ...SCALE(7)] });
    const { w, peer } = s;
    const sent = w.sent.b;
    w.attack(400, microseconds(500), () => peer.says({ acknowledgment: 1 }));
    expect(w.sent.b - sent).toBeLessThanOrEqual(400 + FLOW_SEGMENTS);
    behaves(s);
    expectStream(s);
    ends(s);
  });
});

describe("a peer that plays with its window and its options", () => {
  test("window of 0, then shrinking, one byte, large: nothing goes beyond what was once offered", () => {
    forSeeds(3, seed => {
      const s = scene({ seed, options: [...MSS(1_460)] });
      const { w, peer } = s;
      let edge = 1 + 0xffff;
      w.attack(300, milliseconds(20), () => {
        const window = [0, 0, 1, 2, 0xffff, below(w.random, 0x1_0000)][below(w.random, 6)] ?? 0;
        const acknowledgment = 1 + below(w.random, peer.received + 1);
        edge = Math.max(edge, acknowledgment + window);
        peer.says({ window, acknowledgment });
        expect(peer.reached).toBeLessThanOrEqual(edge);
      });
      behaves(s);
      expectStream(s);
      ends(s);
    });
  });

  test.each([
    ["MSS 0", [...MSS(0)]],
    ["MSS 1", [...MSS(1)]],
    ["MSS 48", [...MSS(48), ...STAMP(1)]],
    ["MSS 65535", [...MSS(0xffff)]],
    ["window scale 15", [...MSS(1_460), ...SCALE(15)]],
    ["window scale 255", [...MSS(1_460), ...SCALE(255)]],
    ["two of each", [...MSS(100), ...MSS(1_400), ...SCALE(3), ...SCALE(9), ...SACK_OK, ...SACK_OK]],
    ["malformed ones", [2, 3, 5, 3, 0, 4, 1, 8, 40, 1]],
  ])("%s: the stream comes whole", (_name, options) => {
    const s = scene({ options, sends: 50_000 });
    // The SYN told timestamps in one case: from then on they are in each segment, or are let go.
    behaves(s);
    expectStream(s);
    expect(Math.max(...s.peer.heard.map(heard => heard.text.length))).toBeLessThanOrEqual(1_460);
    expect(s.peer.heard.length).toBeLessThanOrEqual(50_000 / 36 + 100);
    ends(s);
  });

  test("timestamps from the future, going backwards, echoing what was never sent", () => {
    const s = scene({ options: [...MSS(1_460), ...STAMP(1_000), ...SCALE(7)] });
    const { w, peer, connection } = s;
    w.attack(300, milliseconds(5), () => {
      const stamp = STAMP(w.random.uint32() | 0, w.random.uint32() | 0);
      peer.says({ options: stamp, acknowledgment: 1 + below(w.random, peer.received + 1) });
    });
    expect(connection.rto.value).toBeLessThanOrEqual(seconds(120));
    const stamp = STAMP((connection.timestamps.recent + 1) | 0);
    behaves(s, { options: stamp });
    expectStream(s);
    ends(s);
  });
});

describe("a peer that sends what nobody asked for", () => {
  test("holes that never fill: memory stays within the window, ranges within 1024", () => {
    for (const [size, count] of [
      [1, 1_600],
      [100, 500],
    ] as const) {
      const s = scene({ options: [...MSS(1_460), ...SACK_OK, ...SCALE(7)] });
      const { w, peer, connection } = s;
      const sent = w.sent.b;
      w.attack(count, microseconds(20), i => {
        const gap = 2 * size * (1 + below(w.random, Math.floor(connection.tcb.receiveWindow / (2 * size))));
        peer.says({
          sequence: 1 + gap,
          payload: zeros(size),
          flags: FLAG.ack | (i % 50 === 0 ? FLAG.fin : 0),
        });
      });
      expect(connection.receiveBuffer.outOfOrder.count).toBeLessThanOrEqual(1_024);
      expect(connection.readable).toBe(0);
      expect(w.sent.b - sent).toBeLessThanOrEqual(count + FLOW_SEGMENTS);
      ends(s);
    }
  });

  test("text beyond the window, whole segments of it, and nobody reads: the buffer keeps its limit", () => {
    const s = scene({ reads: false, options: [...MSS(1_460), ...SCALE(7)] });
    const { w, peer, connection } = s;
    const chunk = zeros(1_400);
    w.attack(900, microseconds(100), () => {
      peer.says({ sequence: peer.nxt, payload: chunk });
      peer.nxt = Math.max(peer.nxt, (connection.tcb.rcv.nxt - connection.tcb.irs) | 0);
    });
    expect(connection.readable).toBeLessThanOrEqual(connection.receiveBuffer.limit + 0xff);
    ends(s);
  });

  test("thousands of segments of one byte: one ACK for each at most, and every byte is read", () => {
    const s = scene({ options: [...MSS(1_460), ...SCALE(7)], sends: 0 });
    const { w, peer, read } = s;
    const sent = w.sent.b;
    const count = 3_000;
    w.attack(count, microseconds(20), i => peer.says({ sequence: 1 + i, payload: [i & 0xff] }));
    expect(w.sent.b - sent).toBeLessThanOrEqual(count + FLOW_SEGMENTS);
    expect(read.length).toBe(count);
    expect(read.every((byte, i) => byte === (i & 0xff))).toBe(true);
    ends(s);
  });

  test("FIN with text beyond the window, FIN that moves, text after FIN, urgent pointers anywhere", () => {
    forSeeds(6, seed => {
      const s = scene({ seed, options: [...MSS(1_460), ...SACK_OK, ...SCALE(7)] });
      const { w, peer, connection } = s;
      w.attack(200, milliseconds(1), () => {
        const { random } = w;
        const { tcb } = connection;
        const nxt = (tcb.rcv.nxt - tcb.irs) | 0;
        const far = chance(random, 0.3) ? tcb.receiveWindow - 700 : 0;
        const flags = FLAG.ack | (chance(random, 0.3) ? FLAG.fin : 0) | (chance(random, 0.3) ? FLAG.urg : 0);
        const urgent = chance(random, 0.5) ? below(random, 0x1_0000) : 0;
        const sequence = nxt + far + below(random, 3_000) - 1_000;
        peer.says({ sequence, flags, urgent, payload: zeros(below(random, 1_400)) });
      });
      ends(s);
    });
  });
});

describe("TIME-WAIT assassination", () => {
  function inTimeWait(): Scene {
    const s = scene({ sends: 10, options: [...MSS(1_460)] });
    const { w, peer, connection } = s;
    behaves(s);
    connection.close();
    w.run(milliseconds(20));
    peer.says({ acknowledgment: peer.reached, flags: FLAG.ack | FLAG.fin });
    peer.nxt++;
    w.run(milliseconds(20));
    expect([...w.hosts.b.tcp.timeWaits()].length).toBe(1);
    return s;
  }

  test("old SYNs, bare segments and inexact RSTs do not end it, and are seldom answered (RFC 1337)", () => {
    const s = inTimeWait();
    const { w, peer } = s;
    s.flow.finishes();
    const sent = w.sent.b;
    w.attack(500, milliseconds(1), () => {
      const flags = [FLAG.rst, FLAG.syn, FLAG.ack, FLAG.syn | FLAG.ack][below(w.random, 4)] ?? 0;
      const sequence =
        flags === FLAG.rst ? peer.nxt + 1 + below(w.random, 1_000) : peer.nxt - below(w.random, 1_000);
      peer.says({ sequence, flags });
    });
    expect([...w.hosts.b.tcp.timeWaits()].some(record => record.remotePort === peer.port)).toBe(true);
    expect(w.sent.b - sent).toBeLessThanOrEqual(10);
    // Text and FIN are answered each, as their sender may be waiting for it.
    w.attack(100, milliseconds(1), () =>
      peer.says({ sequence: peer.nxt - 1 - below(w.random, 1_000), flags: FLAG.ack, payload: [1] }),
    );
    expect(w.sent.b - sent).toBeLessThanOrEqual(110);
    w.run(seconds(130));
    w.expectNoRecords();
  });

  test("a newer SYN begins anew, and leads nowhere without its third ACK", () => {
    const s = inTimeWait();
    const { w, peer } = s;
    peer.onSegment = undefined;
    peer.says({ sequence: peer.nxt + 100_000, flags: FLAG.syn });
    w.run(seconds(1));
    expect([...w.hosts.b.tcp.halfOpen()].length).toBe(1);
    ends(s);
  });
});
