import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hex } from "../base/bytes.ts";
import { ip } from "../wire/address.ts";
import { Signatures, signatureOf } from "./md5-signatures.ts";

const KEY = new TextEncoder().encode("secret");

test.each([
  ["10.0.0.1", "10.0.0.2", "0a0000010a0000020006001f"],
  ["fd00::1", "fd00::2", `fd00${"0".repeat(27)}1fd00${"0".repeat(27)}20000001f00000006`],
])(
  "the digest of RFC 2385 §2.0 from %s: pseudo-header, header without checksum and options, text, key",
  (from, to, pseudo) => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
    // 24 bytes of header from 5 on, and 7 of text.
    const digest = signatureOf(ip(from), ip(to), bytes, 5, 29, 36, KEY);
    const header = bytes.slice(5, 25);
    header.fill(0, 16, 18);
    const wanted = createHash("md5").update(Buffer.from(pseudo, "hex")).update(header);
    wanted.update(bytes.subarray(29, 36)).update(KEY);
    expect(hex(digest)).toBe(wanted.digest("hex"));
  },
);

describe("keys", () => {
  test("the longest prefix that a peer has gives its key", () => {
    const keys = new Signatures();
    const [net, host, other] = [1, 2, 3].map(byte => new Uint8Array([byte]));
    keys.set(ip("10.1.0.0"), 16, net as Uint8Array);
    keys.set(ip("10.1.2.3"), 32, host as Uint8Array);
    keys.set(ip("fd00::"), 8, other as Uint8Array);
    const found = ["10.1.2.3", "10.1.2.4", "10.2.0.0", "fdff::1", "fe00::1"].map(
      peer => keys.keyFor(ip(peer))?.[0],
    );
    expect(found).toEqual([2, 1, undefined, 3, undefined]);
  });

  test("a new one replaces, an empty one takes away, and only what there is", () => {
    const keys = new Signatures();
    const peer = ip("10.0.0.1");
    expect(keys.set(peer, 32, new Uint8Array(0))).toBe(false);
    keys.set(peer, 32, KEY);
    keys.set(peer, 32, new Uint8Array([9]));
    expect(keys.keyFor(peer)).toEqual(new Uint8Array([9]));
    expect(keys.set(peer, 32, new Uint8Array(0))).toBe(true);
    expect(keys.keyFor(peer)).toBeUndefined();
  });
});
