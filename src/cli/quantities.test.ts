import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  collecting,
  parseAddress,
  parseAddressWithPrefix,
  parseDuration,
  parseListenAddress,
  parsePercentage,
  parseRate,
  parseSeed,
  secondsBetween,
  wholeNumber,
} from "./quantities.ts";

function refusal(parse: (text: string) => unknown, text: string): string {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(text)} was taken`);
}

describe("a value with its unit", () => {
  test.each([
    ["5%", 0.05],
    ["0.1%", 0.001],
    [".5%", 0.005],
    ["0%", 0],
    ["100%", 1],
  ])("the percentage %s is %d", (text, value) => {
    expect(parsePercentage(text)).toBeCloseTo(value, 12);
  });

  test.each([
    ["20ms", 20_000],
    ["1.5s", 1_500_000],
    ["300us", 300],
    ["300µs", 300],
    ["0ms", 0],
  ])("the time %s is %d µs", (text, value) => {
    expect(parseDuration(text)).toBe(value);
  });

  test.each([
    ["50mbit", 6_250_000],
    ["1kbit", 125],
    ["2.5Gbit", 312_500_000],
    ["8000bit", 1_000],
  ])("the rate %s is %d bytes a second", (text, value) => {
    expect(parseRate(text)).toBe(value);
  });

  test.each([
    [parsePercentage, ["5", "0.05", "101%", "-5%", "5 %", "", "%", "5%%", "1e1%", "٥%"], "such as 5%"],
    [parseDuration, ["20", "20 ms", "-1ms", "2h", "ms", "1e3ms", "3601s", "1.ms", "20MS"], "such as 20ms"],
    [parseRate, ["50", "50mb", "0mbit", "1bit", "-1mbit", "1001gbit", "fast"], "such as 50mbit"],
  ])("a bad one is refused with an example of a good one", (parse, texts, example) => {
    for (const text of texts as string[])
      expect(refusal(parse as (text: string) => unknown, text)).toContain(example);
  });

  test("any text is either taken as a finite number or refused with a sentence", () => {
    const parsers = [
      parsePercentage,
      parseDuration,
      parseRate,
      parseSeed,
      wholeNumber(0, 9),
      secondsBetween(0, 9),
    ];
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.]{0,6}[a-z%]{0,4}$/)), text => {
        for (const parse of parsers) {
          try {
            const value = parse(text);
            expect(Number.isFinite(value) && value >= 0).toBe(true);
          } catch (error) {
            expect((error as Error).message).toMatch(/^Give .*\.$/);
          }
        }
      }),
    );
  });
});

test("whole numbers are decimal digits within their limits", () => {
  const parse = wholeNumber(1, 255);
  expect([parse("1"), parse("255"), parse("007")]).toEqual([1, 255, 7]);
  for (const text of ["0", "256", "1.5", "0x10", "+1", " 1", "", "9".repeat(30)]) {
    expect(refusal(parse, text)).toBe("Give a whole number from 1 to 255.");
  }
});

test("plain seconds become µs", () => {
  const parse = secondsBetween(0.001, 3_600);
  expect([parse("1"), parse("0.2")]).toEqual([1_000_000, 200_000]);
  for (const text of ["0", "1s", "3601"])
    expect(refusal(parse, text)).toContain("Give seconds from 0.001 to 3600");
});

describe("where to listen", () => {
  test.each([
    ["8080", "127.0.0.1", 8080],
    ["0", "127.0.0.1", 0],
    ["0.0.0.0:80", "0.0.0.0", 80],
    ["localhost:8080", "localhost", 8080],
    ["[::1]:8080", "::1", 8080],
  ])("%s is host %s, port %d", (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  test.each(["", "65536", "::1:80", "[::1]", "[1.2.3.4]:80", "host:", ":80", "a:b", "http://x:80", "-1"])(
    "%j is refused",
    text => {
      expect(refusal(parseListenAddress, text)).toMatch(/^Give \[HOST:\]PORT/);
    },
  );
});

describe("addresses", () => {
  test("with their prefix lengths, of both families", () => {
    const v4 = parseAddressWithPrefix("10.77.0.2/24");
    expect([v4.address.toString(), v4.prefixLength]).toEqual(["10.77.0.2", 24]);
    const v6 = parseAddressWithPrefix("fd77::2/64");
    expect([v6.address.toString(), v6.prefixLength]).toEqual(["fd77::2", 64]);
  });

  test.each([
    "10.77.0.2",
    "10.77.0.2/33",
    "10.77.0.2/0",
    "fd77::2/129",
    "224.0.0.1/4",
    "0.0.0.0/8",
    "x/24",
    "1.2.3.4/2 4",
  ])("%s is no address of a host with its prefix length", text => {
    expect(refusal(parseAddressWithPrefix, text)).toContain("10.77.0.2/24");
  });

  test("of one host", () => {
    expect(parseAddress("fd77::1").toString()).toBe("fd77::1");
    for (const text of ["", "ff02::1", "255.255.255.255", "1.2.3"]) refusal(parseAddress, text);
  });
});

test("an option that is given several times collects its values", () => {
  const parse = collecting(Number);
  expect(parse("2", parse("1", undefined))).toEqual([1, 2]);
});
