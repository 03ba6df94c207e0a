import { describe, expect, test } from "vitest";
import { accepted, instant, MODERN } from "../../../test/tcp/fixtures.ts";
import { text } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { milliseconds } from "../../base/time.ts";
import { setReceiveBuffer } from "../connection-options.ts";
import type { TcpConfig } from "../tcp-config.ts";
import { WindowTuning } from "./window-tuning.ts";

const RTT = milliseconds(100);

function tuning(space = 10_000): WindowTuning {
  const it = new WindowTuning();
  it.begin(instant(0), seq(0), space);
  return it;
}

describe("WindowTuning: dynamic right-sizing", () => {
  test("says nothing before a round trip is over, or when there is no idea of one", () => {
    expect(tuning().read(instant(99_999), seq(50_000), 0, RTT, 0)).toBe(0);
    expect(tuning().read(instant(200_000), seq(50_000), 0, milliseconds(0), 0)).toBe(0);
  });

  test("what was read in a round trip is held twice over, and twice more for its growth", () => {
    const it = tuning();
    expect(it.read(instant(100_000), seq(20_000), 0, RTT, 0)).toBe(40_000 + 2 * 40_000);
    expect(it.space).toBe(20_000);
    expect(it.read(instant(200_000), seq(42_000), 0, RTT, 0)).toBe(44_000 + 2 * 4_400);
  });

  test("less than before changes nothing", () => {
    const it = tuning();
    expect(it.read(instant(100_000), seq(10_000), 0, RTT, 0)).toBe(0);
    expect(it.read(instant(200_000), seq(15_000), 0, RTT, 0)).toBe(0);
    expect(it.space).toBe(10_000);
  });

  test("what the user has not read yet counts against him", () => {
    expect(tuning().read(instant(100_000), seq(20_000), 10_000, RTT, 0)).toBe(0);
  });

  test("what waits behind a hole is room for more", () => {
    expect(tuning().read(instant(100_000), seq(20_000), 0, RTT, 7_000)).toBe(127_000);
  });
});

describe("the buffer grows with the flow: tcp_moderate_rcvbuf", () => {
  /** A peer that keeps the window full, over a round trip of 20 ms. */
  function busy(config: Partial<TcpConfig>, before?: (bench: ReturnType<typeof accepted>) => void) {
    const bench = accepted({ offer: MODERN, config: { receiveBufferLimit: 300_000, ...config } });
    before?.(bench);
    const { peer, user, connection } = bench;
    for (let round = 0; round < 12; round++) {
      const seen = peer.takes().at(-1);
      const echo = seen?.timestamps?.[0] ?? 0;
      peer.advance(milliseconds(20));
      const edge = connection.tcb.rcv.adv as number;
      while (edge - (connection.tcb.rcv.nxt as number) >= 1_448) {
        peer.sends(text(1_448, { timestamps: [1_000_001 + round, echo] }));
        user.reads();
      }
    }
    return connection;
  }

  test("up to its limit", () => {
    const connection = busy({});
    expect(connection.receiveBuffer.limit).toBe(300_000);
    expect(connection.tcb.receiveWindow).toBeGreaterThan(290_000);
    // Nothing of it is memory.
    expect(connection.receiveBuffer.memory).toBeLessThanOrEqual(4_096);
  });

  test("not when it is configured off, nor when the user has chosen its size", () => {
    expect(busy({ moderateReceiveBuffer: false }).receiveBuffer.limit).toBe(65_536);
    expect(busy({}, ({ connection }) => setReceiveBuffer(connection, 90_000)).receiveBuffer.limit).toBe(
      90_000,
    );
  });
});
