import { describe, expect, test } from "vitest";
import { FINDING_SEVERITY, type FindingCode } from "./findings.ts";
import { findingText } from "./findings-text.ts";

const CODES = Object.keys(FINDING_SEVERITY) as FindingCode[];
const ENDS = { end: "10.0.0.1:4711", peer: "[2001:db8::2]:80" };
const VALUES = {
  ...ENDS,
  ...{ count: 3, attempts: 2, waited: 3_000_000, bytes: 12_345, hops: 64, usual: 57, silence: 1_500_000 },
  ...{
    needless: 1,
    all: 4,
    lost: 1,
    segments: 9,
    percent: 7.5,
    mtu: 1300,
    reporter: "10.0.0.254",
    what: "host unreachable",
    largest: 65_535,
    wrong: 8,
  },
};

describe.each(["en", "zh"] as const)("in %s", language => {
  test.each(CODES)("%s is a whole sentence with all its values", code => {
    const text = findingText({ code, values: VALUES }, language);
    expect(text).not.toMatch(/[{}?]|undefined|NaN/);
    expect(text).toMatch(language === "en" ? /^[A-Z[0-9].*\.$/ : /。$/);
  });
});

test("numbers are said as people say them", () => {
  const said = (code: FindingCode, values: Record<string, number>): string =>
    findingText({ code, values: { ...ENDS, ...values } }, "en");
  expect(said("unanswered", { attempts: 1, waited: 0 })).toContain("its SYN once, for 0.0 ms");
  expect(said("unanswered", { attempts: 2, waited: 12_400_000 })).toContain("twice, for 12 s");
  expect(said("reset-with-text", { bytes: 1_234_567 })).toContain("1,234,567 bytes");
  expect(said("loss-before", { lost: 1, segments: 40 })).toContain("1 segment of");
});

test("a value that is missing shows, instead of a hole", () => {
  expect(findingText({ code: "keepalive", values: {} }, "en")).toContain("? asked");
});
