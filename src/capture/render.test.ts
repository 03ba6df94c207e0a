import { describe, expect, test } from "vitest";
import { counting, join, udp } from "../../test/support/frames.ts";
import { dissect } from "./dissect.ts";
import { LINK_TYPE } from "./link-type.ts";
import { renderHex } from "./render-hex.ts";
import { renderTree } from "./render-tree.ts";

const PACKET = udp({
  source: "10.0.0.1",
  destination: "10.0.0.2",
  sourcePort: 53,
  destinationPort: 4000,
  payload: counting(9),
});

describe("the tree as text", () => {
  test("a line a field, indented by layer, with its bytes beside", () => {
    const lines = renderTree(dissect(LINK_TYPE.raw, PACKET), PACKET).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "0000                           Frame: 37 bytes",
      "0000                             IPv4: 10.0.0.1 > 10.0.0.2, UDP",
      "0000  45                           Version and header length: 0x45",
      "0000                                 0100 .... = Version: 4",
    ]);
    expect(lines.at(-1)).toBe("001c  00 01 02 03 04 05 06 ..    Payload: 9 bytes");
  });

  test("without the bytes, only the text", () => {
    const lines = renderTree(dissect(LINK_TYPE.raw, PACKET)).split("\n");
    expect(lines[3]).toBe("      xxxx .... = Version: 4");
    expect(lines.at(-1)).toBe("  Payload: 9 bytes");
  });
});

test("hexadecimal digits and ASCII, sixteen bytes a line", () => {
  const bytes = join(counting(0x20), 0x20, 0x41, 0x7e, 0x7f, 0xff);
  expect(renderHex(bytes, 0x10).split("\n")).toEqual([
    "0010  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................",
    "0020  10 11 12 13 14 15 16 17  18 19 1a 1b 1c 1d 1e 1f  ................",
    "0030  20 41 7e 7f ff                                     A~..",
  ]);
  expect(renderHex(new Uint8Array(0))).toBe("");
});
