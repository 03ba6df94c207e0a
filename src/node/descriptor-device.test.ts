/** Over a socket of the kernel, which takes a datagram for each frame; with io_uring, where there is one. */
import { afterEach, expect, test } from "vitest";
import { datagramPair, refusesUring } from "../../test/support/datagram-pair.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { NO_OFFLOAD } from "../link/net-device.ts";
import { DescriptorDevice } from "./descriptor-device.ts";
import { Driver } from "./driver.ts";

const cleanups: Array<() => void> = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function opened(sendBuffer?: number) {
  const pair = datagramPair(sendBuffer);
  const driver = new Driver();
  const device = new DescriptorDevice(
    pair.libc,
    { descriptor: pair.near, name: "pair0", medium: "ip", mtu: 1_500, offload: NO_OFFLOAD },
    { scheduler: driver },
  );
  cleanups.push(() => {
    device.close();
    driver.close();
    pair.libc.close(pair.far);
  });
  let writables = 0;
  device.attach({ receive() {}, writable: () => void writables++ });
  pair.arrived();
  /** Does it within a round of the driver; the round is over when this resolves. */
  const inRound = (task: () => void): Promise<void> =>
    new Promise(resolve => {
      driver.schedule(driver.now(), () => {
        task();
        setImmediate(resolve);
      });
    });
  return { device, inRound, arrived: pair.arrived, writables: () => writables };
}

function frame(size: number, mark: number): PacketBuffer {
  return PacketBuffer.from(new Uint8Array(size).fill(mark));
}

const MANY = Array.from({ length: 200 }, (_, i) => [40 + i, i]);

test("a frame that is sent outside of a round leaves at once", () => {
  const { device, arrived } = opened();
  expect(device.transmit(frame(100, 1))).toBe(true);
  expect(arrived()).toEqual([[100, 1]]);
  expect(device.counters).toMatchObject({ transmittedFrames: 1, transmittedBytes: 100 });
});

test("the frames of a round leave in their order", async () => {
  const { device, arrived, inRound } = opened();
  const some = MANY.slice(0, 50);
  for (const _ of [1, 2]) {
    await inRound(() => {
      for (const [size = 0, mark = 0] of some) expect(device.transmit(frame(size, mark))).toBe(true);
    });
    expect(arrived()).toEqual(some);
  }
});

test.skipIf(refusesUring())("they leave at its end, up to 64 at a time", async () => {
  const { device, arrived, inRound } = opened();
  const early: number[][] = [];
  await inRound(() => {
    for (let i = 0; i < 70; i++) device.transmit(frame(40, i));
    early.push(...arrived());
  });
  expect(early).toEqual(Array.from({ length: 64 }, (_, i) => [40, i]));
  expect(arrived()).toEqual(Array.from({ length: 6 }, (_, i) => [40, 64 + i]));
});

test.skipIf(refusesUring())(
  "a frame that is made in what the device lends leaves as it is then",
  async () => {
    const { device, arrived, inRound } = opened();
    await inRound(() => {
      for (const mark of [1, 2]) {
        const lent = device.lend() as PacketBuffer;
        lent.reset();
        lent.bytes.fill(mark, lent.start, lent.append(60) + 60);
        device.transmit(lent);
      }
    });
    expect(arrived()).toEqual([
      [60, 1],
      [60, 2],
    ]);
  },
);

test("a full device takes no more, and none overtakes what it holds", async () => {
  const { device, arrived, inRound, writables } = opened(2_304);
  const all: number[][] = [];
  let sent = 0;
  for (let round = 0; round < 500 && all.length < MANY.length; round++) {
    await inRound(() => {
      for (let next = MANY[sent]; next !== undefined; next = MANY[++sent]) {
        const [size = 0, mark = 0] = next;
        if (!device.transmit(frame(size, mark))) break;
      }
    });
    all.push(...arrived());
  }
  expect(all).toEqual(MANY);
  expect(writables()).toBeGreaterThan(0);
  expect(device.counters).toMatchObject({ transmittedFrames: MANY.length, dropped: 0 });
});

test("what waits for the end of a round leaves when the device is closed", async () => {
  const { device, arrived, inRound } = opened();
  await inRound(() => {
    device.transmit(frame(100, 1));
    device.close();
  });
  expect(arrived()).toEqual([[100, 1]]);
  expect(device.counters.transmittedFrames).toBe(1);
});

test("a round that ends with an exception sends what there is", async () => {
  const { device, arrived, inRound } = opened();
  const thrown = new Promise(resolve => process.once("uncaughtException", resolve));
  void inRound(() => {
    device.transmit(frame(100, 1));
    throw new Error("a user's mistake");
  });
  expect(await thrown).toMatchObject({ message: "a user's mistake" });
  expect(arrived()).toEqual([[100, 1]]);
});
