import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { afterAll, describe, expect, test, vi } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { complianceChecks, type DeviceBench } from "../link/compliance.ts";
import { Driver } from "./driver.ts";
import { StreamDevice } from "./stream-device.ts";

const QUIET_ROUNDS = 8;

const folder = mkdtempSync(join(tmpdir(), "postel-stream-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As between us and QEMU. */
async function socketPair(): Promise<[Socket, Socket]> {
  const path = join(folder, "wire");
  const server = createServer().listen(path);
  const near = connect(path);
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  return [near, far];
}

function joined([near, far]: readonly [Duplex, Duplex]): DeviceBench {
  const driver = new Driver();
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

describe.each([
  ["a stream within the process", () => joined(duplexPair())],
  ["a socket", async () => joined(await socketPair())],
] as const)("the rules of every device: %s", (_name, build) => {
  for (const check of complianceChecks(build)) test(check.name, () => check.run());
});

/** A device whose stream is the test's to feed. */
function fed(): {
  feed: Duplex;
  near: Duplex;
  lost: string[];
  received: number[];
  driver: Driver;
} {
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
  return { feed, near, lost, received, driver };
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

  test("each byte is copied once, into its frame, in however many pieces and bursts it comes", async () => {
    const { near, received, driver } = fed();
    const size = 1_514;
    const large = frameOf(size);
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => frameOf(60)));
    const copied = countCopies(() => {
      for (const byte of large) near.emit("data", Buffer.of(byte));
      for (let i = 0; i < 10; i++) near.emit("data", many);
    });
    await vi.waitFor(() => expect(received).toHaveLength(10_001));
    const total = copied.end();
    const came = size + 10_000 * 60;
    expect(total).toBeGreaterThanOrEqual(came);
    // Others in this process may copy a little meanwhile.
    expect(total).toBeLessThan(1.01 * came);
    driver.close();
  });

  test("no more is asked for while a megabyte waits, and all of it comes in the end", async () => {
    const { near, received, driver } = fed();
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => frameOf(60)));
    const paused = vi.spyOn(near, "pause");
    near.emit("data", many);
    expect(paused).not.toHaveBeenCalled();
    near.emit("data", many);
    expect(near.isPaused()).toBe(true);
    await vi.waitFor(() => expect(received).toHaveLength(20_000));
    expect(near.isPaused()).toBe(false);
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

describe("what goes into the stream", () => {
  test("the frames of a burst are one write, and a socket's writes share two pieces of memory", async () => {
    const driver = new Driver();
    const [near, far] = await socketPair();
    const device = new StreamDevice(near, { name: "x", scheduler: driver });
    const written: Uint8Array[] = [];
    const { write } = near;
    near.write = ((bytes: Uint8Array, ...rest: []) => {
      written.push(bytes);
      return write.call(near, bytes, ...rest);
    }) as typeof near.write;
    let arrived = 0;
    far.on("data", bytes => {
      arrived += bytes.length;
    });
    const frame = PacketBuffer.from(new Uint8Array(1_000));
    for (let burst = 1; burst <= 20; burst++) {
      for (let i = 0; i < 10; i++) expect(device.transmit(frame)).toBe(true);
      await vi.waitFor(() => expect(arrived).toBe(burst * 10 * 1_004));
    }
    expect(written).toHaveLength(20);
    expect(new Set(written.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(2);
    device.close();
    far.destroy();
    driver.close();
  });
});

/** The bytes that are copied from one array into another, from now on. */
function countCopies(run: () => void): { end(): number } {
  let bytes = 0;
  const { set } = Uint8Array.prototype;
  const { concat } = Buffer;
  const setting = vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (
    this: Uint8Array,
    source: ArrayLike<number>,
    offset?: number,
  ) {
    bytes += source.length;
    set.call(this, source, offset);
  });
  const joining = vi.spyOn(Buffer, "concat").mockImplementation((list, length) => {
    const joined = concat(list, length);
    bytes += joined.length;
    return joined;
  });
  run();
  return {
    end() {
      setting.mockRestore();
      joining.mockRestore();
      return bytes;
    },
  };
}
