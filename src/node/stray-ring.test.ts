import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { ephemeralShare } from "./queue-group.ts";
import { StrayRing } from "./stray-ring.ts";

const rings: StrayRing[] = [];

afterEach(() => {
  for (const ring of rings.splice(0)) ring.close();
});

/** Workers that know the packets whose first byte is their own index, and answer what comes round unknown. */
function workers(count: number) {
  const channels = Array.from({ length: count }, () => new MessageChannel());
  const underWay = new Int32Array(new SharedArrayBuffer(4 * count));
  const log: string[] = [];
  const arrives = (index: number, frame: PacketBuffer): void => {
    frame.network = frame.start;
    const what = `${frame.checksum} ${frame.segmentSize} ${frame.length}`;
    if (frame.bytes[frame.start] === index) log.push(`${index} takes ${what}`);
    else if (!rings[index]?.unclaimed(frame)) log.push(`${index} answers`);
  };
  for (let index = 0; index < count; index++) {
    const next = (channels[index] as MessageChannel).port1;
    const previous = (channels.at(index - 1) as MessageChannel).port2;
    const receive = (frame: PacketBuffer): void => arrives(index, frame);
    rings.push(new StrayRing({ index, count, underWay, next, previous, receive }));
  }
  return { arrives, log, underWay };
}

function packet(firstByte: number): PacketBuffer {
  const frame = PacketBuffer.from(Uint8Array.of(firstByte, 2, 3));
  frame.checksum = "partial";
  frame.segmentSize = 1_460;
  return frame;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setImmediate(resolve));
}

test("a stray goes round to the worker that knows it, with its marks", async () => {
  const { arrives, log } = workers(3);
  arrives(2, packet(1));
  await until(() => log.length > 0);
  expect(log).toEqual(["1 takes partial 1460 3"]);
  expect(rings.map(ring => ring.counters)).toEqual([
    { sent: 1, received: 1, refused: 0 },
    { sent: 0, received: 1, refused: 0 },
    { sent: 1, received: 0, refused: 0 },
  ]);
});

test("what nobody knows is answered where it came in, once", async () => {
  const { arrives, log } = workers(3);
  arrives(1, packet(9));
  await until(() => log.length > 0);
  arrives(1, packet(9));
  await until(() => log.length > 1);
  expect(log).toEqual(["1 answers", "1 answers"]);
  expect(rings.map(({ counters }) => counters.sent)).toEqual([2, 2, 2]);
});

test("at most 256 are under way to a worker: the others are answered at once", async () => {
  const { arrives, log, underWay } = workers(2);
  for (let i = 0; i < 300; i++) arrives(0, packet(1));
  expect(log.filter(line => line === "0 answers").length).toBe(44);
  expect(rings[0]?.counters).toEqual({ sent: 256, received: 0, refused: 44 });
  await until(() => log.length === 300);
  expect([...underWay]).toEqual([0, 0]);
  arrives(0, packet(1));
  await until(() => log.length === 301);
  expect(log.at(-1)).toBe("1 takes partial 1460 3");
});

test("workers share the ephemeral ports, and no two have the same", () => {
  const shares = [0, 1, 2].map(index => ephemeralShare(index, 3));
  expect(shares.map(share => share.firstEphemeralPort)).toEqual([32_768, 42_178, 51_588]);
  expect(shares.map(share => share.lastEphemeralPort)).toEqual([42_177, 51_587, 60_997]);
  const given = { firstEphemeralPort: 1_000, lastEphemeralPort: 1_099 };
  expect(ephemeralShare(1, 2, given)).toEqual({ firstEphemeralPort: 1_050, lastEphemeralPort: 1_099 });
});
