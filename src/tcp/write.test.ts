import { describe, expect, test } from "vitest";
import { established, FULL } from "../../test/tcp/fixtures.ts";
import { ack, letters, pattern, rstAck, text } from "../../test/tcp/segments.ts";
import { milliseconds } from "../base/time.ts";
import { setCork, setNotSentLowWater, setSendBuffer } from "./connection-options.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import { WRITE } from "./write.ts";

const FAR = { rtt: 100 };

function gives(c: TcpConnection, size: number, flags = 0): number {
  return c.send(new Uint8Array(size), 0, size, flags);
}

describe("SEND: RFC 9293 §3.10.2, as much as Linux takes", () => {
  test("half the window at a time, and the piece that goes out in part is filled up again", () => {
    const { connection: c } = established(FAR);
    setSendBuffer(c, 20_000);
    // 22 segments are half of 65,535; of these, 10 go out at once.
    expect(gives(c, 100_000)).toBe(32 * FULL);
    expect(gives(c, 100_000)).toBe(0);
  });

  test("what the pieces and units themselves take counts: small buffers take less text", () => {
    const { connection: c } = established({ ...FAR, offer: { mss: FULL, window: 2_000 } });
    setSendBuffer(c, 4_608);
    // Segments of half the window, 1,000 bytes, and 1,280 beside each.
    expect(gives(c, 10_000)).toBe(3_000);
  });

  test("TCP_NOTSENT_LOWAT: no piece begins beyond it, and POLLOUT waits for half of it", () => {
    const bench = established(FAR);
    const { connection: c, peer } = bench;
    setNotSentLowWater(c, 4_000);
    expect(gives(c, 100_000)).toBe(32 * FULL);
    bench.settleIfWoken();
    peer.takes();
    expect(c.isWritable).toBe(false);
    peer.sends(ack({ ack: 1 + 10 * FULL }));
    expect(c.isWritable).toBe(false);
    peer.sends(ack({ ack: 1 + 11 * FULL }));
    expect(c.isWritable).toBe(true);
  });

  test("a buffer that holds back the window grows with it, unless the user set it", () => {
    for (const isSet of [false, true]) {
      const bench = established({ ...FAR, config: { sendBuffer: 16_384 } });
      const { connection: c, peer } = bench;
      expect(c.sendSpace.limit).toBe(87_040);
      if (isSet) setSendBuffer(c, 87_040);
      while (gives(c, 100_000) > 0);
      bench.settleIfWoken();
      for (let acked = 10 * FULL; acked < 70 * FULL; acked += 10 * FULL) {
        bench.advance(milliseconds(100));
        peer.takes();
        peer.sends(ack({ ack: 1 + acked, window: 65_535 }));
      }
      expect(c.sendSpace.limit > 87_040).toBe(!isSet);
    }
  });
});

describe("MSG_MORE and TCP_CORK", () => {
  test("a small segment waits for the rest, full ones do not, and nothing is pushed", () => {
    const bench = established(FAR);
    const { connection: c, peer } = bench;
    gives(c, FULL + 10, WRITE.more);
    bench.settleIfWoken();
    peer.expects(text(FULL, { psh: false }));
    peer.expectsNothing();
    gives(c, 20);
    bench.settleIfWoken();
    peer.expects(text(30, { psh: true }));
  });

  test("more than half the window since the last push is pushed all the same", () => {
    const bench = established({ ...FAR, offer: { mss: FULL, window: 3_000 } });
    const { connection: c, peer } = bench;
    gives(c, 1_502, WRITE.more);
    bench.settleIfWoken();
    expect(peer.takes().map(seen => seen.psh)).toEqual([false]);
    gives(c, 1_418, WRITE.more);
    bench.settleIfWoken();
    expect(peer.takes().map(seen => seen.psh)).toEqual([true]);
  });

  test("corked, a small segment goes when the cork is pulled", () => {
    const bench = established(FAR);
    const { connection: c, peer } = bench;
    setCork(c, true);
    gives(c, 10);
    bench.settleIfWoken();
    gives(c, 10);
    bench.settleIfWoken();
    peer.expectsNothing();
    setCork(c, false);
    bench.settleIfWoken();
    peer.expects(text(20, { psh: true }));
  });

  test("it does not wait for ever: the persist timer sends it", () => {
    const bench = established(FAR);
    const { connection: c, peer } = bench;
    setCork(c, true);
    gives(c, 10);
    bench.settleIfWoken();
    bench.advance(milliseconds(299));
    peer.expectsNothing();
    bench.advance(milliseconds(2));
    peer.expects(text(10, { psh: true }));
    expect(c.tally.windowProbes).toBe(0);
  });
});

describe("MSG_EOR", () => {
  test("what follows a record's end goes into segments of its own, though Nagle would wait", () => {
    const bench = established(FAR);
    const { connection: c, peer } = bench;
    gives(c, 100, WRITE.endsRecord);
    gives(c, 50, WRITE.endsRecord);
    gives(c, 20);
    bench.settleIfWoken();
    peer.expects(text(100, { psh: true }));
    peer.expects(text(50, { psh: true }));
    peer.expectsNothing();
    peer.sends(ack({ ack: 151 }));
    peer.expects(text(20, { psh: true }));
  });
});

describe("text by reference", () => {
  function gave(size: number): { bench: ReturnType<typeof established>; memory: Uint8Array } {
    const bench = established({ ...FAR, config: { noDelay: true } });
    const memory = pattern(1, size);
    expect(bench.connection.send(memory, 0, size, WRITE.byReference)).toBe(size);
    bench.settleIfWoken();
    return { bench, memory };
  }

  function allText({ peer }: ReturnType<typeof established>): string {
    return peer
      .takes()
      .map(segment => letters(segment.bytes))
      .join("");
  }

  test("is sent, and sent again, from where it lies; then it is the user's again", () => {
    const { bench, memory } = gave(4_096);
    const { peer, connection: c, user } = bench;
    expect(allText(bench)).toBe(letters(memory));
    expect(c.sendQueue).toBe(4_096);
    memory.fill(0x41);
    bench.advance(milliseconds(2_000));
    expect(new Set(allText(bench))).toEqual(new Set("A"));
    expect(user.heard()).not.toContain("returned");
    peer.sends(ack({ ack: 1 + FULL }));
    expect(user.heard()).toContain("returned");
    expect(c.sendQueue).toBe(4_096 - FULL);
  });

  test("little of it is copied: nobody has to look after it", () => {
    const { bench, memory } = gave(4_095);
    memory.fill(0x41);
    bench.advance(milliseconds(2_000));
    expect(allText(bench).includes("AAAA")).toBe(false);
    bench.peer.sends(ack({ ack: 4_096 }));
    expect(bench.user.heard()).not.toContain("returned");
  });

  test("memory that is transferred away ends the connection with RST and EFAULT", () => {
    const { bench, memory } = gave(8_192);
    bench.peer.takes();
    structuredClone(memory, { transfer: [memory.buffer as ArrayBuffer] });
    bench.peer.sends(ack({ ack: 1 + FULL }));
    bench.peer.expects(rstAck());
    expect(bench.connection.error).toBe("EFAULT");
    expect(bench.user.heard()).toContain("closed");
  });
});
