import { describe, expect, test } from "vitest";
import type { Duration } from "../../base/time.ts";
import { halfOfWindow, mostQueued, NO_LOW_WATER, pieceSize, SendSpace } from "./send-space.ts";

describe("whether there is room: Linux's sk_stream_memory_free and sk_stream_is_writeable", () => {
  test("a piece begins as long as less than the limit is held", () => {
    const space = new SendSpace(50_000);
    expect(space.mayBegin(49_999, 0, NO_LOW_WATER)).toBe(true);
    expect(space.mayBegin(50_000, 0, NO_LOW_WATER)).toBe(false);
  });

  test("and less than TCP_NOTSENT_LOWAT is not sent; 0 is the host's", () => {
    const space = new SendSpace(50_000);
    expect(space.mayBegin(0, 4_000, 4_000)).toBe(false);
    space.lowWater = 4_001;
    expect(space.mayBegin(0, 4_000, 1)).toBe(true);
  });

  test("a socket is writable when a third is free, and half of the low water's mark", () => {
    const space = new SendSpace(60_000);
    expect(space.isWritable(40_000, 0, NO_LOW_WATER)).toBe(true);
    expect(space.isWritable(40_002, 0, NO_LOW_WATER)).toBe(false);
    space.lowWater = 4_000;
    expect(space.isWritable(0, 1_999, 0)).toBe(true);
    expect(space.isWritable(0, 2_000, 0)).toBe(false);
  });

  test("nothing is writable that holds nothing and has no limit", () => {
    expect(new SendSpace(0).isWritable(0, 0, NO_LOW_WATER)).toBe(false);
  });
});

describe("tuning: Linux's tcp_sndbuf_expand", () => {
  test("makes room for two windows of ten segments at least: 87,040 with 1,460 bytes, as on Linux", () => {
    const space = new SendSpace(16_384);
    space.tune(1, 1_460, 4 << 20);
    expect(space.limit).toBe(87_040);
    space.tune(20, 1_460, 4 << 20);
    expect(space.limit).toBe(174_080);
  });

  test("never shrinks, and stays within the host's limit", () => {
    const space = new SendSpace(100_000);
    space.tune(1, 1_460, 4 << 20);
    expect(space.limit).toBe(100_000);
    space.tune(1_000, 1_460, 200_000);
    expect(space.limit).toBe(200_000);
  });

  test("leaves alone what the user set (SO_SNDBUF)", () => {
    const space = new SendSpace(5_000);
    space.isFixed = true;
    space.tune(1_000, 1_460, 4 << 20);
    expect(space.limit).toBe(5_000);
  });
});

describe("the size of a piece", () => {
  test("is half of the largest window, in full segments", () => {
    expect(pieceSize(1_000, 257 << 7)).toBe(16_000);
    expect(pieceSize(1_460, 65_535)).toBe(32_120);
  });

  test("is 64 KB before a window is known, and one segment at least", () => {
    expect(pieceSize(1_000, 0)).toBe(65_000);
    expect(pieceSize(1_460, 1_000)).toBe(1_460);
  });

  test("of small windows, all counts (TCP_MSS_DEFAULT)", () => {
    expect([halfOfWindow(536), halfOfWindow(537), halfOfWindow(2_000)]).toEqual([536, 268, 1_000]);
  });
});

test("a device's queue takes three units, or a millisecond's worth and one more: Linux's TCP small queues", () => {
  const minRtt = 1 as Duration;
  expect(mostQueued({ rate: 0, minRtt }, 2_000)).toBe(6_000);
  expect(mostQueued({ rate: 10 * 1_024 * 3_280, minRtt }, 2_000)).toBe(22_000);
});
