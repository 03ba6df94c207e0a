import { expect, test } from "vitest";
import { row } from "../../../../test/page/messages.ts";
import { parseFilter } from "./filter.ts";

function matching(text: string): number[] {
  const filter = parseFilter(text);
  if (!filter.ok) throw new Error(JSON.stringify(filter.problem));
  return ROWS.filter(filter.matches).map(({ connection }) => connection);
}

function problem(text: string): unknown {
  const filter = parseFilter(text);
  return filter.ok ? undefined : filter.problem;
}

const ROWS = [
  row(1, { host: "alpha", localPort: 50_000, remotePort: 80, sendRate: 2_000_000, srtt: 1500 }),
  row(2, { host: "beta", state: "TIME-WAIT", retransmissions: 3, remotePort: 443, remote: "fe80::1" }),
  row(3, { state: "SYN-SENT", verdicts: ["retrying"], error: "ETIMEDOUT", congestionControl: "bbr" }),
];

test("an empty filter lets all pass", () => {
  expect(matching("")).toEqual([1, 2, 3]);
  expect(matching("   ")).toEqual([1, 2, 3]);
});

test("words are looked for in all that a row shows; each must be there", () => {
  expect(matching("ALPHA")).toEqual([1]);
  expect(matching("10.0.0.2:80")).toEqual([1, 3]);
  expect(matching("retrying timed")).toEqual([3]);
  expect(matching("retrying alpha")).toEqual([]);
});

test("an address with colons is a word", () => {
  expect(matching("fe80::1")).toEqual([2]);
  expect(matching("[fe80::1]:443")).toEqual([2]);
});

test("a key compares the text of its column from the beginning on, in any case", () => {
  expect(matching("state:est")).toEqual([1]);
  expect(matching("state:timewait")).toEqual([2]);
  expect(matching("cc:BBR")).toEqual([3]);
  expect(matching("host:beta")).toEqual([2]);
  expect(matching("error:ETIMEDOUT")).toEqual([3]);
});

test("numbers compare, with units", () => {
  expect(matching("port:443")).toEqual([2]);
  expect(matching("port>=50000")).toEqual([1]);
  expect(matching("lost>0")).toEqual([2]);
  expect(matching("up>10M")).toEqual([1]);
  expect(matching("srtt<2")).toEqual([1]);
  expect(matching("srtt<2000us")).toEqual([1]);
  expect(matching("srtt=1.5ms")).toEqual([1]);
});

test("a minus turns a term round", () => {
  expect(matching("-state:time-wait -retrying")).toEqual([1]);
});

test("what is not understood is told", () => {
  expect(problem("stat:est")).toEqual({ kind: "unknown-key", key: "stat" });
  expect(problem("constructor:1")).toEqual({ kind: "unknown-key", key: "constructor" });
  expect(problem("port:")).toEqual({ kind: "missing-value", key: "port" });
  expect(problem("lost>many")).toEqual({ kind: "no-number", key: "lost", value: "many" });
  expect(problem("srtt<5k")).toEqual({ kind: "no-number", key: "srtt", value: "5k" });
  expect(problem("state>est")).toEqual({ kind: "no-order", key: "state" });
});
