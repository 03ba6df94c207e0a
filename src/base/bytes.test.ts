import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  concatBytes,
  hex,
  readInt32,
  readUint8,
  readUint16,
  readUint32,
  sameBytes,
  writeUint8,
  writeUint16,
  writeUint32,
} from "./bytes.ts";

describe("fields are in network order: the most significant octet first (RFC 791 appendix B)", () => {
  const bytes = Uint8Array.of(0xee, 0x81, 0x02, 0x03, 0x84, 0xee);

  test("read", () => {
    expect(readUint8(bytes, 1)).toBe(0x81);
    expect(readUint16(bytes, 1)).toBe(0x8102);
    expect(readUint32(bytes, 1)).toBe(0x81020384);
    expect(readInt32(bytes, 1)).toBe(0x81020384 | 0);
  });

  test("write", () => {
    const target = new Uint8Array(9).fill(0xee);
    writeUint8(target, 1, 0x181);
    writeUint16(target, 2, 0x18203);
    writeUint32(target, 4, 0x84050607);
    expect(hex(target, " ")).toBe("ee 81 82 03 84 05 06 07 ee");
  });

  test("agree with DataView", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), content => {
        const view = new DataView(content.buffer, content.byteOffset);
        expect(readUint16(content, 1)).toBe(view.getUint16(1));
        expect(readUint32(content, 0)).toBe(view.getUint32(0));
        expect(readInt32(content, 0)).toBe(view.getInt32(0));
        const copy = new Uint8Array(4);
        writeUint32(copy, 0, view.getInt32(0));
        expect(copy).toEqual(content);
        writeUint32(copy, 0, view.getUint32(0));
        expect(copy).toEqual(content);
        writeUint16(copy, 2, view.getUint16(0));
        expect(readUint16(copy, 2)).toBe(view.getUint16(0));
      }),
    );
  });
});

test("arrays of bytes are the same when length and every byte agree", () => {
  const a = Uint8Array.of(1, 2, 3);
  expect(sameBytes(a, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(sameBytes(a, Uint8Array.of(1, 2, 4))).toBe(false);
  expect(sameBytes(a, Uint8Array.of(1, 2))).toBe(false);
  expect(sameBytes(Uint8Array.of(1, 2), a)).toBe(false);
});

test("parts are joined in their order", () => {
  const parts = [Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)];
  expect(concatBytes(parts)).toEqual(Uint8Array.of(1, 2, 3));
  expect(concatBytes([])).toEqual(new Uint8Array(0));
});

test("hexadecimal text has two lower-case digits a byte", () => {
  expect(hex(Uint8Array.of(0x0a, 0xff, 0))).toBe("0aff00");
  expect(hex(Uint8Array.of(0x0a, 0xff), ":")).toBe("0a:ff");
});
