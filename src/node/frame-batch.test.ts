/** With the kernel's own io_uring, where there is one: a UDP socket gives a datagram for each read, as a TUN
 * device gives a frame. */
import { createSocket, type Socket } from "node:dgram";
import { afterEach, expect, test } from "vitest";
import { AF_INET, EAGAIN, type Libc, loadLibc, SOCK_DGRAM } from "./ffi.ts";
import { FrameBatch } from "./frame-batch.ts";
import { Uring } from "./uring.ts";

const MTU = 1_500;
const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function isRefused(): boolean {
  const uring = Uring.open(loadLibc(), 8);
  uring?.close();
  return uring === undefined;
}

/** A bound socket of the kernel's, by its descriptor. */
function bound(libc: Libc): { descriptor: number; port: number } {
  const descriptor = libc.socket(AF_INET, SOCK_DGRAM, 0);
  cleanups.push(() => libc.close(descriptor));
  for (let port = 40_000; ; port++) {
    const address = new Uint8Array(16);
    const fields = new DataView(address.buffer);
    fields.setUint16(0, AF_INET, true);
    fields.setUint16(2, port);
    fields.setUint32(4, 0x7f00_0001);
    if (libc.bind(descriptor, address, 16) === 0) return { descriptor, port };
  }
}

function sender(): Socket {
  const socket = createSocket("udp4");
  cleanups.push(() => socket.close());
  return socket;
}

function send(socket: Socket, port: number, datagram: Uint8Array): Promise<unknown> {
  return new Promise(resolve => socket.send(datagram, port, "127.0.0.1", resolve));
}

async function opened(sizes: readonly number[]): Promise<FrameBatch> {
  const libc = loadLibc();
  const { descriptor, port } = bound(libc);
  const batch = FrameBatch.open(libc, descriptor, MTU, 8);
  if (batch === undefined) throw new Error("refused");
  cleanups.push(() => batch.close());
  const socket = sender();
  for (const [i, size] of sizes.entries()) await send(socket, port, new Uint8Array(size).fill(i + 1));
  return batch;
}

/** Size and first byte of each frame. */
function framesOf(batch: FrameBatch): number[][] {
  const frames: number[][] = [];
  while (batch.next()) frames.push([batch.frame.length, batch.frame.view()[0] as number]);
  return frames;
}

test.skipIf(isRefused())("frames come in their order, no more than were asked for", async () => {
  const batch = await opened([100, 1_500, 64, 1_514, 9]);
  batch.read(3);
  expect(framesOf(batch)).toEqual([
    [100, 1],
    [1_500, 2],
    [64, 3],
  ]);
  batch.read(8);
  expect(framesOf(batch)).toEqual([
    [1_514, 4],
    [9, 5],
  ]);
  batch.read(8);
  expect([framesOf(batch), batch.isOver]).toEqual([[], false]);
});

test.skipIf(isRefused())("queues go round: as many batches as one likes", async () => {
  const batch = await opened([]);
  for (let i = 0; i < 100; i++) {
    batch.read(7);
    expect(framesOf(batch)).toEqual([]);
  }
  expect(batch.isOver).toBe(false);
});

test.skipIf(isRefused())("a frame larger than agreed is dropped, and ends it", async () => {
  const batch = await opened([100, 3_000, 60]);
  batch.read(8);
  expect([framesOf(batch), batch.isOver]).toEqual([
    [
      [100, 1],
      [60, 3],
    ],
    true,
  ]);
});

test.skipIf(isRefused())("once it is closed there are no more frames", async () => {
  const batch = await opened([100, 60]);
  batch.read(8);
  expect(batch.next()).toBe(true);
  batch.close();
  batch.close();
  expect(batch.next()).toBe(false);
  batch.read(8);
  expect(batch.next()).toBe(false);
});

test("a kernel that refuses, wholly or halfway, is left alone", () => {
  const closed: number[] = [];
  const unshared: unknown[] = [];
  const memory = new ArrayBuffer(64);
  const refusing = {
    pointerSize: 8,
    uringSetup: () => -1,
    errno: () => EAGAIN,
    close: (descriptor: number) => closed.push(descriptor),
  };
  expect(FrameBatch.open(refusing as unknown as Libc, 5, MTU, 8)).toBeUndefined();
  let shares = 0;
  const halfway = {
    ...refusing,
    uringSetup(_count: number, params: Uint32Array) {
      params[5] = 1 | 8;
      return 77;
    },
    share: () => (++shares === 1 ? memory : undefined),
    unshare: (which: ArrayBuffer) => unshared.push(which),
  };
  expect(FrameBatch.open(halfway as unknown as Libc, 5, MTU, 8)).toBeUndefined();
  expect([closed, unshared]).toEqual([[77], [memory]]);
  expect(FrameBatch.open(halfway as unknown as Libc, 5, 65_535, 8)).toBeUndefined();
  expect(shares).toBe(2);
});
