import { type Duplex, duplexPair } from "node:stream";
import { describe, expect, test } from "vitest";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { complianceChecks, type DeviceBench } from "../link/compliance.ts";
import { Driver } from "./driver.ts";
import { StreamDevice } from "./stream-device.ts";

const QUIET_ROUNDS = 8;

function joined(): DeviceBench {
  const driver = new Driver();
  const [near, far] = duplexPair();
  const a = new StreamDevice(near, { name: "a", scheduler: driver });
  const b = new StreamDevice(far, { name: "b", scheduler: driver });
  return {
    a,
    b,
    settle: async () => {
      const passed = () => a.counters.receivedFrames + b.counters.receivedFrames;
      for (let last = -1, quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
        if (last !== passed()) quiet = 0;
        last = passed();
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    },
    dispose() {
      a.close();
      b.close();
      driver.close();
    },
  };
}

describe("the rules of every device", () => {
  for (const check of complianceChecks(joined)) test(check.name, () => check.run());
});

/** A device whose stream is the test's to feed. */
function fed(): { feed: Duplex; lost: string[]; received: number[]; driver: Driver } {
  const driver = new Driver();
  const [near, feed] = duplexPair();
  const lost: string[] = [];
  const received: number[] = [];
  const device = new StreamDevice(near, {
    name: "x",
    scheduler: driver,
    onLost: ({ message }) => lost.push(message),
  });
  device.attach({ receive: (frame: PacketBuffer) => received.push(frame.length), writable() {} });
  return { feed, lost, received, driver };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve));
}

describe("what comes by the stream", () => {
  test("frames are found again however the stream is cut", async () => {
    const { feed, received, driver } = fed();
    const wire = Buffer.concat([60, 61, 62].map(size => frameOf(size)));
    for (const byte of wire) feed.write(Buffer.of(byte));
    await settled();
    expect(received).toEqual([60, 61, 62]);
    driver.close();
  });

  test("a frame too short or too long for the wire is dropped, those after it are not", async () => {
    const { feed, received, driver } = fed();
    feed.write(Buffer.concat([frameOf(13), frameOf(1_515), frameOf(1_514)]));
    await settled();
    expect(received).toEqual([1_514]);
    driver.close();
  });

  test("a length that no frame has ends the device: the stream carries something else", async () => {
    const { feed, lost, driver } = fed();
    feed.write("GET / HTTP/1.1\r\n\r\n");
    await settled();
    expect(lost).toEqual(["The stream does not carry frames: one is said to have 1195725856 bytes."]);
    driver.close();
  });

  test("so does the end of the stream", async () => {
    const { feed, lost, driver } = fed();
    feed.end();
    await settled();
    expect(lost).toEqual(["The other end of the stream has closed it."]);
    driver.close();
  });
});

function frameOf(size: number): Buffer {
  const frame = Buffer.alloc(4 + size);
  frame.writeUInt32BE(size);
  return frame;
}
