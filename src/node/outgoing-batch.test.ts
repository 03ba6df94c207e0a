/** With the kernel's own io_uring, where there is one: a socket takes a datagram for each write, as a TUN device
 * takes a frame, and refuses when too much of it has not been read. */
import { afterEach, expect, test } from "vitest";
import { datagramPair, refusesUring } from "../../test/support/datagram-pair.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { newDeviceCounters } from "../link/net-device.ts";
import { EOPNOTSUPP, type Libc } from "./ffi.ts";
import { OutgoingBatch } from "./outgoing-batch.ts";

const MTU = 1_500;
const MOST = 16;
const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function opened({ mayRefuse = false, sendBuffer }: { mayRefuse?: boolean; sendBuffer?: number } = {}) {
  const pair = datagramPair(sendBuffer);
  cleanups.push(() => pair.close());
  const batch = OutgoingBatch.open(pair.libc, pair.near, { mtu: MTU, most: MOST, mayRefuse });
  if (batch === undefined) throw new Error("refused");
  cleanups.push(() => batch.close());
  // The question whether the kernel writes at all: a socket, unlike a device, takes an empty one.
  expect(pair.arrived()).toEqual([[0, expect.anything()]]);
  return { batch, counters: newDeviceCounters(), arrived: pair.arrived };
}

function frame(size: number, mark: number): PacketBuffer {
  return PacketBuffer.from(new Uint8Array(size).fill(mark));
}

test.skipIf(refusesUring())("frames leave in their order, once, and none before the flush", () => {
  const { batch, counters, arrived } = opened();
  for (const [i, size] of [100, 1_500, 64, 1_522].entries()) batch.add(frame(size, i));
  expect([batch.length, arrived()]).toEqual([4, []]);
  expect(batch.flush(counters)).toBe(true);
  const sent = [
    [100, 0],
    [1_500, 1],
    [64, 2],
    [1_522, 3],
  ];
  expect([batch.length, arrived()]).toEqual([0, sent]);
  expect(batch.flush(counters)).toBe(true);
  expect(arrived()).toEqual([]);
  expect(counters).toMatchObject({ transmittedFrames: 4, transmittedBytes: 3_186, dropped: 0 });
});

test.skipIf(refusesUring())("a frame that is lent may be used again at once", () => {
  const { batch, counters, arrived } = opened();
  const lent = frame(200, 7);
  batch.add(lent);
  lent.bytes.fill(9);
  batch.flush(counters);
  expect(arrived()).toEqual([[200, 7]]);
});

test.skipIf(refusesUring())(
  "a frame that is made in its place needs no copy, wherever it begins there",
  () => {
    const { batch, counters, arrived } = opened();
    for (const mark of [1, 2]) {
      const place = batch.free as PacketBuffer;
      place.reset(100 + mark);
      place.bytes.fill(mark, place.start, place.start + 50);
      place.append(50);
      batch.add(place);
    }
    batch.flush(counters);
    expect(arrived()).toEqual([
      [50, 1],
      [50, 2],
    ]);
  },
);

test.skipIf(refusesUring())("there are so many places, and they are used again and again", () => {
  const { batch, counters, arrived } = opened();
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 7; i++) batch.add(frame(30 + i, round));
    batch.flush(counters);
    expect(arrived()).toEqual(Array.from({ length: 7 }, (_, i) => [30 + i, round]));
  }
  for (let i = 0; i < MOST; i++) batch.add(frame(30, i));
  expect(batch.free).toBeUndefined();
});

test.skipIf(refusesUring())(
  "what a full device refuses is held, with all behind it, and none overtakes",
  () => {
    const { batch, counters, arrived } = opened({ mayRefuse: true, sendBuffer: 2_304 });
    for (let i = 0; i < MOST; i++) batch.add(frame(30, i));
    expect(batch.flush(counters)).toBe(false);
    const all = arrived();
    expect(all.length).toBeGreaterThan(0);
    expect([batch.length, counters.transmittedFrames]).toEqual([MOST - all.length, all.length]);
    for (let i = 0; i < MOST && batch.length > 0; i++) {
      expect(batch.flush(counters)).toBe(batch.length === 0);
      all.push(...arrived());
    }
    expect(all).toEqual(Array.from({ length: MOST }, (_, i) => [30, i]));
    expect(counters).toMatchObject({ transmittedFrames: MOST, dropped: 0 });
  },
);

test.skipIf(refusesUring()).each([true, false])(
  "a frame that cannot be written is dropped, the rest is not",
  mayRefuse => {
    // The second frame is larger than all that may wait to be read.
    const { batch, counters, arrived } = opened({ mayRefuse, sendBuffer: 2_304 });
    batch.add(frame(30, 1));
    const large = batch.free as PacketBuffer;
    large.reset(0);
    large.bytes = new Uint8Array(6_000);
    large.append(6_000);
    batch.add(large);
    batch.add(frame(31, 3));
    expect(batch.flush(counters)).toBe(true);
    expect(arrived()).toEqual([
      [30, 1],
      [31, 3],
    ]);
    expect(counters).toMatchObject({ transmittedFrames: 2, transmittedBytes: 61, dropped: 1 });
  },
);

test.skipIf(refusesUring())("once it is closed nothing leaves", () => {
  const { batch, counters, arrived } = opened();
  batch.add(frame(30, 1));
  batch.close();
  batch.close();
  batch.flush(counters);
  expect([arrived(), batch.length]).toEqual([[], 0]);
});

test("a call that fails as a whole loses its frames, and is not repeated for ever", () => {
  const { libc } = kernel([0]);
  let calls = 0;
  const batch = OutgoingBatch.open(
    { ...libc, uringEnter: (fd, count) => (++calls === 1 ? libc.uringEnter(fd, count) : -1) },
    5,
    { mtu: MTU, most: 4, mayRefuse: true },
  );
  const counters = newDeviceCounters();
  for (let i = 0; i < 3; i++) batch?.add(frame(30, i));
  expect(batch?.flush(counters)).toBe(true);
  expect([calls, counters.dropped, batch?.length]).toEqual([2, 3, 0]);
});

test("a kernel that writes only for who may wait is left alone", () => {
  const { libc, closed } = kernel([-EOPNOTSUPP]);
  expect(OutgoingBatch.open(libc, 5, { mtu: MTU, most: 4, mayRefuse: true })).toBeUndefined();
  expect(closed).toEqual([77]);
  expect(OutgoingBatch.open(libc, 5, { mtu: 65_535, most: 4, mayRefuse: true })).toBeUndefined();
});

/** An io_uring of four entries whose writes have these results. */
function kernel(results: number[]): { libc: Libc; closed: number[] } {
  const queues = new Int32Array(64);
  const closed: number[] = [];
  const libc = {
    pointerSize: 8,
    addressOf: () => 0x1000,
    uringSetup(_count: number, params: Uint32Array) {
      // Where things stand: the first queue from word 0 on, the second from word 16 on.
      params.set([4, 8, 0, 0, 0, 1 | 8]);
      params.set([0, 4, 8, 0, 0, 0, 16], 10);
      params.set([64, 68, 72, 0, 0, 96], 20);
      queues.set([3], 2);
      queues.set([7], 18);
      return 77;
    },
    share: (_descriptor: number, offset: number) => (offset === 0 ? queues.buffer : new ArrayBuffer(256)),
    unshare() {},
    uringEnter(_descriptor: number, count: number) {
      for (const result of results.splice(0, count)) queues[24 + 2] = result;
      queues[17] = (queues[17] as number) + count;
      return count;
    },
    close: (descriptor: number) => closed.push(descriptor),
  };
  return { libc: libc as unknown as Libc, closed };
}
