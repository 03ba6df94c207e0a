import { expect, test } from "vitest";
import { byteByKey, hexRow } from "./hex-rows.ts";

test("sixteen bytes a row, with their offset; what cannot be printed is a point", () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at + 0x3c);
  expect(hexRow(bytes, 1)).toEqual({
    offset: "0010",
    all: [0x4c, 0x4d, 0x4e, 0x4f].map((byte, index) => ({
      at: 16 + index,
      digits: byte.toString(16),
      letter: String.fromCharCode(byte),
    })),
  });
  expect(hexRow(Uint8Array.of(0x7f), 0).all[0]?.letter).toBe("·");
});

test("keys go from byte to byte, and stop at the ends", () => {
  expect(byteByKey("ArrowDown", 3, 40)).toBe(19);
  expect(byteByKey("ArrowUp", 3, 40)).toBe(0);
  expect(byteByKey("End", 3, 40)).toBe(39);
  expect(byteByKey("a", 3, 40)).toBeUndefined();
  expect(byteByKey("End", 0, 0)).toBeUndefined();
});
