import { describe, expect, test } from "vitest";
import { unhex } from "../../../../test/tcp/segments.ts";
import { hex } from "../../../base/bytes.ts";
import { IpAddress, ip } from "../../../wire/address.ts";
import { CookieCache, type ServerAnswer } from "./cookie-cache.ts";

const HERE = ip("10.0.0.1");
const SERVER = ip("10.0.0.2");

const answer = (fields: Partial<ServerAnswer>): ServerAnswer => ({
  mss: 0,
  cookie: undefined,
  isExperimental: false,
  unanswered: undefined,
  ...fields,
});

describe("what a client remembers of servers: RFC 7413 §4.1.3", () => {
  test("cookie and MSS, by the pair of addresses", () => {
    const cache = new CookieCache();
    cache.answered(HERE, SERVER, answer({ mss: 1_400, cookie: unhex("0011223344556677") }));
    expect(hex(cache.lookup(HERE, SERVER)?.cookie ?? unhex(""))).toBe("0011223344556677");
    expect(cache.lookup(HERE, SERVER)?.mss).toBe(1_400);
    expect(cache.lookup(ip("10.0.0.9"), SERVER)).toBeUndefined();
    expect(cache.lookup(SERVER, HERE)).toBeUndefined();
  });

  test("the cookie is copied: the segment's memory is borrowed", () => {
    const cache = new CookieCache();
    const borrowed = unhex("0011223344556677");
    cache.answered(HERE, SERVER, answer({ cookie: borrowed }));
    borrowed.fill(0xff);
    expect(hex(cache.lookup(HERE, SERVER)?.cookie ?? unhex(""))).toBe("0011223344556677");
  });

  test("an answer without a cookie, or without an MSS, leaves the one there is", () => {
    const cache = new CookieCache();
    cache.answered(HERE, SERVER, answer({ mss: 1_400, cookie: unhex("00112233") }));
    cache.answered(HERE, SERVER, answer({ mss: 900 }));
    cache.answered(HERE, SERVER, answer({ cookie: unhex("44556677"), isExperimental: true }));
    const server = cache.lookup(HERE, SERVER);
    expect([server?.mss, hex(server?.cookie ?? unhex("")), server?.isExperimental]).toEqual([
      900,
      "44556677",
      true,
    ]);
  });

  test("the experimental request is tried once, after the standard one, and never again", () => {
    const cache = new CookieCache();
    const requests = (unanswered: ServerAnswer["unanswered"]): string | undefined => {
      cache.answered(HERE, SERVER, answer({ unanswered }));
      return cache.lookup(HERE, SERVER)?.requests;
    };
    expect(requests(undefined)).toBe("standard");
    expect(requests("standard")).toBe("try-experimental");
    expect(requests("experimental")).toBe("only-standard");
    expect(requests("standard")).toBe("only-standard");
  });

  test("is limited: the server that was not heard of for the longest time is forgotten", () => {
    const cache = new CookieCache();
    const server = (i: number): IpAddress => IpAddress.v4(0x0b00_0000 + i);
    for (let i = 0; i < 1_024; i++) cache.answered(HERE, server(i), answer({ mss: 1_000 }));
    cache.answered(HERE, server(0), answer({ mss: 1_001 }));
    cache.answered(HERE, server(1_024), answer({ mss: 1_000 }));
    expect(cache.size).toBe(1_024);
    expect(cache.lookup(HERE, server(0))?.mss).toBe(1_001);
    expect(cache.lookup(HERE, server(1))).toBeUndefined();
    expect(cache.lookup(HERE, server(2))).toBeDefined();
    cache.clear();
    expect(cache.size).toBe(0);
  });
});
