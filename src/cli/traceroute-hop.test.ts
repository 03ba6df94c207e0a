import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { hopText, markOf, type ProbeAnswer } from "./traceroute-hop.ts";

const answer = (from: string, rtt: number, mark = ""): ProbeAnswer => ({
  from: ip(from),
  rtt,
  mark,
  isFinal: false,
});

test("an address is shown once for the answers that it gave in a row", () => {
  const answers = [answer("10.77.0.1", 950), answer("10.77.0.1", 1_020), answer("10.77.0.9", 12_345)];
  expect(hopText(1, answers)).toBe(" 1  10.77.0.1  0.950 ms  1.020 ms  10.77.0.9  12.345 ms");
});

test("a star for each probe that nobody answered", () => {
  expect(hopText(12, [undefined, undefined, undefined])).toBe("12 * * *");
  expect(hopText(2, [undefined, answer("fd77::1", 5_000), undefined])).toBe(" 2 *  fd77::1  5.000 ms *");
});

test("what is unreachable is marked behind its time", () => {
  expect(hopText(3, [answer("10.0.0.1", 100, "!H")])).toBe(" 3  10.0.0.1  0.100 ms !H");
});

test.each([
  ["port-unreachable", 3, ""],
  ["time-exceeded", 0, ""],
  ["host-unreachable", 1, "!H"],
  ["network-unreachable", 0, "!N"],
  ["protocol-unreachable", 2, "!P"],
  ["prohibited", 13, "!X"],
  ["packet-too-big", 4, "!F"],
  ["parameter-problem", 7, "!7"],
])("%s is marked %s", (kind, code, mark) => {
  expect(markOf(kind, code)).toBe(mark);
});
