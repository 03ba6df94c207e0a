import fc from "fast-check";
import { expect, test } from "vitest";
import { survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ETHER_TYPE } from "./protocol.ts";
import { VLAN_TAG_SIZE, VlanTag } from "./vlan.ts";

const tag = (): fc.Arbitrary<VlanTag> =>
  fc
    .record({ priority: fc.nat(7), dropEligible: fc.boolean(), id: fc.nat(0xfff), type: uint16() })
    .map(values => Object.assign(new VlanTag(), values));
const bytesOf = (of: VlanTag): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("three bits of priority, drop eligible, twelve of VLAN, then the type (IEEE 802.1Q §9.6)", () => {
  const values = { priority: 5, dropEligible: true, id: 0x123, type: ETHER_TYPE.ipv6 };
  expect(hex(bytesOf(Object.assign(new VlanTag(), values)))).toBe("b12386dd");
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(tag(), before => {
      const after = new VlanTag();
      expect(after.read(bytesOf(before), 0, VLAN_TAG_SIZE)).toBeUndefined();
      expect(after).toEqual(before);
    }),
  );
});

test("a tag cut off is refused", () => {
  expect(new VlanTag().read(new Uint8Array(4), 0, 3)).toBe("frame-truncated");
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(tag().map(bytesOf), (bytes, start, end) => {
    const after = new VlanTag();
    return { problem: after.read(bytes, start, end), ...after };
  });
});
