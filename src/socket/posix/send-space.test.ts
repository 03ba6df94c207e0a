import { describe, expect, test } from "vitest";
import { type SendingConnection, SendSpace } from "./send-space.ts";

/** A connection of numbers: what is acknowledged, sent and taken. */
class Numbers implements SendingConnection {
  readonly sendBuffer = { limit: 50_000, length: 0 };
  readonly tcb = { snd: { mss: 1_000, wnd: 257 << 7, maxWnd: 257 << 7 }, outstanding: 0 };
  readonly congestion = { cwnd: 10_000 };

  get inFlight(): number {
    return this.tcb.outstanding;
  }

  get unsent(): number {
    return this.sendBuffer.length - this.tcb.outstanding;
  }

  send(_bytes: Uint8Array, from: number, to: number): number {
    this.sendBuffer.length += to - from;
    return to - from;
  }

  /** As much as the congestion window allows. */
  pump(): void {
    this.tcb.outstanding += Math.max(0, Math.min(this.unsent, this.congestion.cwnd - this.tcb.outstanding));
  }

  acknowledge(bytes: number): void {
    this.sendBuffer.length -= bytes;
    this.tcb.outstanding -= bytes;
    this.congestion.cwnd += bytes;
    this.pump();
  }
}

function writes(c: Numbers, space: SendSpace, bytes: number): number {
  const taken = space.append(new Uint8Array(bytes), false);
  c.pump();
  return taken;
}

describe("what a write takes with 1,000-byte segments, a window of 32,896 and 10 segments in flight", () => {
  test("a buffer of 50,000 takes 58,000: the unit that goes out in part is filled up again", () => {
    const c = new Numbers();
    const space = new SendSpace(c);
    expect(writes(c, space, 59_000)).toBe(58_000);
    expect(space.isWritable).toBe(false);
    c.acknowledge(10_000);
    expect(space.isWritable).toBe(false);
    c.acknowledge(16_000);
    expect(space.isWritable).toBe(true);
  });

  test("TCP_NOTSENT_LOWAT of 4,000: 26,000, one unit beyond what goes out", () => {
    const c = new Numbers();
    const space = new SendSpace(c);
    space.lowWater = 4_000;
    expect(writes(c, space, 59_000)).toBe(26_000);
    expect(space.isWritable).toBe(false);
    c.acknowledge(8_000);
    expect(space.isWritable).toBe(true);
  });

  test("TCP_NOTSENT_LOWAT of 32,000 with a buffer of 50,000: 42,000", () => {
    const c = new Numbers();
    const space = new SendSpace(c);
    space.lowWater = 32_000;
    expect(writes(c, space, 59_000)).toBe(42_000);
  });

  test("a record's end closes the unit: the next byte needs room of its own", () => {
    const c = new Numbers();
    c.congestion.cwnd = 0;
    c.sendBuffer.limit = 1_000;
    const space = new SendSpace(c);
    expect(writes(c, space, 1_000)).toBe(1_000);
    expect(writes(c, space, 10)).toBe(10);
    space.endUnit();
    expect(writes(c, space, 10)).toBe(0);
  });

  test("the buffer's own limit is left as it was", () => {
    const c = new Numbers();
    writes(c, new SendSpace(c), 100_000);
    expect(c.sendBuffer.limit).toBe(50_000);
  });

  test("a window that is not known yet: units of 64 KB; a tiny one is not halved", () => {
    const unknown = new Numbers();
    Object.assign(unknown.tcb.snd, { wnd: 0, maxWnd: 0 });
    expect(writes(unknown, new SendSpace(unknown), 1_000_000)).toBe(65_000);
    const tiny = new Numbers();
    Object.assign(tiny.tcb.snd, { mss: 100, wnd: 500, maxWnd: 500 });
    tiny.sendBuffer.limit = 700;
    expect(writes(tiny, new SendSpace(tiny), 100_000)).toBe(1_000);
  });
});
