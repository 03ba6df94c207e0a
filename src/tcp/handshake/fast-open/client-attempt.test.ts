import { describe, expect, test } from "vitest";
import { unhex } from "../../../../test/tcp/segments.ts";
import { FastOpenAttempt, planSyn, synRoom } from "./client-attempt.ts";
import type { KnownServer } from "./cookie-cache.ts";

const known = (fields: Partial<KnownServer>): KnownServer => ({
  mss: 0,
  cookie: undefined,
  isExperimental: false,
  requests: "standard",
  ...fields,
});
const COOKIE = unhex("00112233");

describe("what a SYN shows: RFC 7413 §4.2.2", () => {
  test("to an unknown server, or one that has given no cookie: a request, and no text", () => {
    const asks = { isExperimental: false, mayCarryText: false };
    expect(planSyn(undefined, false, false)).toEqual({ ...asks, option: unhex("") });
    expect(planSyn(known({ mss: 1_460 }), false, false)).toEqual({ ...asks, option: unhex("") });
    const old = known({ requests: "try-experimental" });
    expect(planSyn(old, false, false)).toEqual({ ...asks, option: unhex(""), isExperimental: true });
  });

  test("with a cookie: the cookie, in the option that it came in, and text", () => {
    const server = known({ cookie: COOKIE, isExperimental: true });
    expect(planSyn(server, false, false)).toEqual({
      option: COOKIE,
      isExperimental: true,
      mayCarryText: true,
    });
  });

  test("where nobody asks for cookies: text without an option", () => {
    const plan = { option: undefined, isExperimental: false, mayCarryText: true };
    expect(planSyn(undefined, true, false)).toEqual(plan);
    expect(planSyn(known({ cookie: COOKIE }), true, false)).toEqual(plan);
  });

  test("during a pause: nothing at all", () => {
    const plan = { option: undefined, isExperimental: false, mayCarryText: false };
    expect(planSyn(known({ cookie: COOKIE }), false, true)).toEqual(plan);
    expect(planSyn(undefined, true, true)).toEqual(plan);
  });

  test("the room for text leaves 40 bytes for options, and heeds path, ourselves and the server", () => {
    expect(synRoom(1_460, 1_460, 0)).toBe(1_420);
    expect(synRoom(1_460, 1_460, 940)).toBe(900);
    expect(synRoom(1_460, 1_460, 10_000)).toBe(1_420);
    expect(synRoom(800, 1_460, 1_460)).toBe(760);
    expect(synRoom(1_460, 1_000, 1_460)).toBe(960);
    expect(synRoom(30, 1_460, 1_460)).toBe(0);
  });

  test("without the text that was promised the cookie is not shown either", () => {
    const plan = planSyn(known({ cookie: COOKIE }), false, false);
    const attempt = new FastOpenAttempt(plan, 1_000, false);
    expect([attempt.room, attempt.failure]).toEqual([1_000, "none"]);
    attempt.withoutText();
    expect([attempt.room, attempt.option]).toEqual([0, unhex("")]);
    const request = new FastOpenAttempt(planSyn(undefined, false, false), 1_000, false);
    expect([request.room, request.failure]).toEqual([0, "no-cookie"]);
  });
});
