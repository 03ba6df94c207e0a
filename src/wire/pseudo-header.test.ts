import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv4Address, ipv6Address } from "../../test/support/codec.ts";
import { concatBytes, writeUint16, writeUint32 } from "../base/bytes.ts";
import { checksum } from "../base/checksum.ts";
import type { IpAddress } from "./address.ts";
import { lengthSum, transportChecksum } from "./pseudo-header.ts";

/** The pseudo-header in bytes, as the RFCs draw it. */
function drawn(source: IpAddress, destination: IpAddress, protocol: number, length: number): Uint8Array {
  const { size } = source;
  const bytes = new Uint8Array(2 * size + (source.family === 4 ? 4 : 8));
  source.write(bytes, 0);
  destination.write(bytes, size);
  if (source.family === 4) writeUint16(bytes, 2 * size + 2, length);
  else writeUint32(bytes, 2 * size, length);
  bytes[source.family === 4 ? 2 * size + 1 : bytes.length - 1] = protocol;
  return bytes;
}

const pair = (): fc.Arbitrary<[IpAddress, IpAddress]> =>
  fc.oneof(fc.tuple(ipv4Address(), ipv4Address()), fc.tuple(ipv6Address(), ipv6Address()));

test("the sum is that of the header drawn in RFC 9293 §3.1 and RFC 8200 §8.1", () => {
  fc.assert(
    fc.property(pair(), fc.nat(255), fc.uint8Array({ maxLength: 60 }), ([from, to], protocol, message) => {
      const whole = concatBytes([drawn(from, to, protocol, message.length), message]);
      const sum = transportChecksum(from, to, protocol, message, 0, message.length);
      expect(sum).toBe(checksum(whole, 0, whole.length));
    }),
  );
});

test("a length above 65,535 takes two words (RFC 2675 §4)", () => {
  expect(lengthSum(0x1_2345)).toBe(0x2346);
  expect(lengthSum(0xffff)).toBe(0xffff);
});
