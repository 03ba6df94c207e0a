import { describe, expect, test } from "vitest";
import { unhex } from "../../../../test/tcp/segments.ts";
import { hex } from "../../../base/bytes.ts";
import { ip } from "../../../wire/address.ts";
import { FastOpenKeys } from "./server-keys.ts";

const CLIENT = ip("192.0.2.1");
const SERVER = ip("192.168.0.1");
/** The bytes of tcp_fastopen_key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4. */
const KEY = unhex("a1a1a1a1b2b2b2b2c3c3c3c3d4d4d4d4");
const OTHER_KEY = unhex("000102030405060708090a0b0c0d0e0f");
const both = (first: Uint8Array, second: Uint8Array): Uint8Array => Uint8Array.of(...first, ...second);

describe("the server's cookies: RFC 7413 §4.1.2", () => {
  test("are those of a Linux host with the same key, so that both can serve one address", () => {
    const keys = new FastOpenKeys(KEY);
    expect(hex(keys.cookieFor(CLIENT, SERVER))).toBe("3021b9d889017eeb");
    const v6 = keys.cookieFor(ip("fd3d:fa7b:d17d::1"), ip("fd3d:a0b:17d6::1"));
    expect(hex(v6)).toBe("c1d1e9742a47a9bc");
  });

  test("are good for one pair of addresses alone", () => {
    const keys = new FastOpenKeys(KEY);
    const cookie = keys.cookieFor(CLIENT, SERVER);
    expect(keys.ageOf(cookie, CLIENT, SERVER)).toBe("primary");
    expect(keys.ageOf(cookie, ip("192.0.2.2"), SERVER)).toBeUndefined();
    expect(keys.ageOf(cookie, CLIENT, ip("192.168.0.2"))).toBeUndefined();
    expect(keys.ageOf(cookie, SERVER, CLIENT)).toBeUndefined();
    expect(keys.ageOf(cookie.subarray(0, 4), CLIENT, SERVER)).toBeUndefined();
  });

  test("a backup key's cookies are known; those that are given are the primary key's", () => {
    const before = new FastOpenKeys(OTHER_KEY);
    const keys = new FastOpenKeys(both(KEY, OTHER_KEY));
    expect(keys.ageOf(before.cookieFor(CLIENT, SERVER), CLIENT, SERVER)).toBe("backup");
    expect(hex(keys.cookieFor(CLIENT, SERVER))).toBe("3021b9d889017eeb");
    expect(before.ageOf(keys.cookieFor(CLIENT, SERVER), CLIENT, SERVER)).toBeUndefined();
  });
});
