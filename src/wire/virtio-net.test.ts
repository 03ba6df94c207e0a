import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VIRTIO_NET_HEADER_SIZE, VirtioNetHeader } from "./virtio-net.ts";

const word = fc.integer({ min: 0, max: 0xffff });
const byte = fc.integer({ min: 0, max: 0xff });

describe("virtio_net_hdr: VIRTIO 1.2 §5.1.6", () => {
  test("words are little-endian, in the order of the specification", () => {
    const header = new VirtioNetHeader();
    Object.assign(header, { flags: 1, gsoType: 4, headerLength: 0x0102, segmentSize: 0x0304 });
    Object.assign(header, { checksumStart: 0x0506, checksumOffset: 0x0708 });
    const bytes = new Uint8Array(VIRTIO_NET_HEADER_SIZE);
    expect(header.write(bytes, 0)).toBe(10);
    expect([...bytes]).toEqual([1, 4, 2, 1, 4, 3, 6, 5, 8, 7]);
  });

  test("what was written is read again, at any place", () => {
    fc.assert(
      fc.property(fc.tuple(byte, byte, word, word, word, word), byte, (fields, at) => {
        const [flags, gsoType, headerLength, segmentSize, checksumStart, checksumOffset] = fields;
        const values = { flags, gsoType, headerLength, segmentSize, checksumStart, checksumOffset };
        const bytes = new Uint8Array(at + VIRTIO_NET_HEADER_SIZE);
        Object.assign(new VirtioNetHeader(), values).write(bytes, at);
        const read = new VirtioNetHeader();
        expect(read.read(bytes, at, bytes.length)).toBe(true);
        expect(read).toMatchObject(values);
        expect(read.read(bytes, at + 1, bytes.length)).toBe(false);
      }),
    );
  });
});
