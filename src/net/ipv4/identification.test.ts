import { expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { IpAddress, ip } from "../../wire/address.ts";
import { Identification } from "./identification.ts";

const SOURCE = ip("10.0.0.1");

test("a destination sees every value once before one repeats (RFC 6864 §4.2)", () => {
  const identification = new Identification(new SeededRandom(1));
  const seen = new Set<number>();
  for (let i = 0; i < 0x1_0000; i++) seen.add(identification.next(SOURCE, ip("10.0.0.2"), 17));
  expect(seen.size).toBe(0x1_0000);
});

test("a super-datagram takes as many in a row as it is cut into", () => {
  const identification = new Identification(new SeededRandom(1));
  const first = identification.next(SOURCE, ip("10.0.0.2"), 17, 5);
  expect((identification.next(SOURCE, ip("10.0.0.2"), 17) - first) & 0xffff).toBe(5);
});

test("source, destination and protocol each make a sequence of its own", () => {
  const identification = new Identification(new SeededRandom(1));
  const other = ip("10.0.0.9");
  const firsts = [
    identification.next(SOURCE, other, 17),
    identification.next(ip("10.0.0.8"), other, 17),
    identification.next(SOURCE, ip("10.0.0.8"), 17),
    identification.next(SOURCE, other, 1),
  ];
  const near = firsts.slice(1).filter(first => Math.abs(first - (firsts[0] as number)) < firsts.length);
  expect(near).toEqual([]);
});

test("what one destination sees does not tell what another is sent (RFC 7739 §5.3)", () => {
  const identification = new Identification(new SeededRandom(1));
  const before = identification.next(SOURCE, ip("10.0.0.2"), 17);
  for (let host = 0; host < 100; host++) identification.next(SOURCE, IpAddress.v4(0x0a01_0000 + host), 17);
  const after = identification.next(SOURCE, ip("10.0.0.2"), 17);
  // At worst a few of the hundred share its counter of 2,048.
  expect((after - before) & 0xffff).toBeLessThan(5);
});
