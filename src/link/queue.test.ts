import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PacketBuffer, PacketPool } from "../base/packet-buffer.ts";
import { FrameQueue } from "./queue.ts";

const frame = (length: number, mark = 0): PacketBuffer =>
  PacketBuffer.from(new Uint8Array(length).fill(mark));

describe("FrameQueue", () => {
  test("takes copies: the lender's packet may change", () => {
    const queue = new FrameQueue();
    const lent = frame(4, 7);
    queue.push(lent);
    lent.bytes.fill(9);
    expect([...(queue.shift()?.view() ?? [])]).toEqual([7, 7, 7, 7]);
  });

  test("drops the sender's marks, but for what a device with offloads has to know", () => {
    const queue = new FrameQueue();
    const lent = frame(4);
    lent.checksum = "valid";
    lent.network = 130;
    queue.push(lent);
    lent.checksum = "partial";
    lent.network = lent.start;
    lent.transport = lent.start + 2;
    lent.segmentSize = 2;
    queue.push(lent);
    expect(queue.shift()).toMatchObject({ checksum: "unknown", network: -1, segmentSize: 0 });
    const kept = queue.shift();
    expect(kept).toMatchObject({ checksum: "partial", network: kept?.start, segmentSize: 2 });
  });

  test("a released packet is used again", () => {
    const queue = new FrameQueue({}, new PacketPool());
    queue.push(frame(4));
    const first = queue.shift() as PacketBuffer;
    queue.release(first);
    queue.push(frame(5));
    expect(queue.shift()).toBe(first);
  });

  test("a frame larger than the byte limit passes an empty queue", () => {
    const queue = new FrameQueue({ bytes: 10 });
    expect(queue.push(frame(11))).toBe(true);
    expect(queue.push(frame(1))).toBe(false);
  });

  test("is first in, first out within its limits, whatever is pushed and shifted", () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(0)), { maxLength: 300 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 100, max: 600 }),
        (list, frames, bytes) => {
          const queue = new FrameQueue({ frames, bytes });
          const model: number[] = [];
          const held = (): number => model.reduce((sum, length) => sum + length, 0);
          for (const length of list) {
            if (length > 0) {
              const fits = model.length < frames && held() + length <= bytes;
              expect(queue.push(frame(length))).toBe(fits);
              if (fits) model.push(length);
            } else {
              expect(queue.shift()?.length).toBe(model.shift());
            }
            expect([queue.length, queue.bytes, queue.peek()?.length]).toEqual([
              model.length,
              held(),
              model[0],
            ]);
          }
        },
      ),
    );
  });

  test("stays in order over thousands of frames that never leave it empty", () => {
    const queue = new FrameQueue({ frames: 5_000 });
    let next = 0;
    for (let i = 0; i < 4_000; i++) {
      queue.push(frame(1 + (i % 200)));
      if (i % 2 === 1) expect(queue.shift()?.length).toBe(1 + (next++ % 200));
    }
    while (queue.length > 0) expect(queue.shift()?.length).toBe(1 + (next++ % 200));
    expect(next).toBe(4_000);
  });
});
