import { describe, expect, test } from "vitest";
import type { FilterFault } from "../../../src/capture/bpf/filter-fault.ts";
import type { Problem } from "../../../src/inspect/problem.ts";
import type { TraceFault } from "../../../src/trace/trace-error.ts";
import { filterFaultText } from "./filter-faults.ts";
import { problemText } from "./problems.ts";

/** One of each kind: the compiler sees that none is missing. */
const FAULTS: Readonly<Record<FilterFault["kind"], object>> = {
  "number-expected": { found: "x" },
  "keyword-expected": { found: undefined },
  "address-expected": { found: "x" },
  "mask-expected": { found: "x" },
  "port-expected": { found: "x" },
  expected: { text: "]", found: "x" },
  unexpected: { text: "x" },
  "not-understood": { text: "x" },
  "foreign-word": { text: "x", subject: "ATM" },
  "no-osi-protocol": { text: "x" },
  "no-such-chain": { text: "x" },
  "behind-mpls": { text: "x" },
  "needs-untagged": { text: "x" },
  "interface-expected": { found: "x" },
  "too-many-tunnels": { limit: 4 },
  "no-gateway": {},
  "no-decnet-address": {},
  "no-interface-index": {},
  "no-ipv4": { text: "x" },
  "no-ipv6": { text: "x" },
  "no-32-bits": { text: "x" },
  "no-port": { text: "x" },
  "no-ethertype": { text: "x" },
  "no-ip-protocol": { text: "x" },
  "no-bytes": { text: "x" },
  "no-ports": { text: "x" },
  "no-group": { text: "x" },
  "no-such-proto": { text: "x" },
  "not-whole": { text: "x" },
  "needs-ethernet": { text: "x" },
  "no-keyword": { text: "x" },
  "name-not-looked-up": { text: "x" },
  "no-such-address": { protocol: "arp", text: "x" },
  "too-large": { text: "9", limit: 8 },
  "bits-beyond": { bits: 8 },
  "misplaced-mac": {},
  "mask-with-holes": {},
  "too-long": {},
  "too-deep": {},
  "division-by-zero": {},
  "odd-load": {},
  "no-comparison": {},
  "no-link-filters": { linkType: 147 },
  "bad-program": { text: "too many instructions here" },
};

const TRACE_KINDS: Readonly<Record<TraceFault["kind"], true>> = {
  "too-long": true,
  "not-json": true,
  empty: true,
  "no-header": true,
  "other-version": true,
  "bad-header": true,
  "bad-event": true,
};

const file = "x.pcap";
const PROBLEMS: Readonly<Record<Problem["kind"], object>> = {
  "real-time": {},
  "no-such-wire": {},
  "no-single-segment": {},
  "fate-decided": {},
  "nothing-left": {},
  "bad-filter": { fault: { kind: "too-deep" } },
  "long-filter": { most: 4 },
  "simulation-failed": { reason: "x" },
  "no-such-scene": { scene: "x" },
  "other-version": { theirs: 2, ours: 1 },
  "empty-file": { file },
  "unknown-format": { file },
  "no-trace": { file },
  "unreadable-file": { file, reason: "x" },
  "bad-trace": { file, line: 7, fault: { kind: "not-json", what: "is not JSON" } },
  "long-trace": { file, leftOut: 3 },
  "part-of-capture": {
    damage: { kind: "truncated", message: "the file ends within a packet", offset: 77 },
    packetsLeftOut: 5,
    segmentsLeftOut: 3,
  },
  told: { sentence: "Whatever was said." },
};

/** English that was left over; what stands in quotes is to be written so. */
const WORDS = /[A-Za-z]{2,}( [A-Za-z]{2,}){2}/;

describe.each(Object.entries(FAULTS))("a filter that is wrong: %s", (kind, rest) => {
  const fault = { kind, ...rest } as FilterFault;

  test("is told in English and in Chinese, with what was found", () => {
    expect(filterFaultText(fault, "en")).toMatch(/^["\w].*[^.]$/);
    expect(filterFaultText(fault, "zh-CN")).toMatch(/\p{Script=Han}/u);
    expect(filterFaultText(fault, "zh-CN").replaceAll(/“.*?”/g, "")).not.toMatch(WORDS);
    if (kind === "bad-program") return;
    for (const value of Object.values(rest)) {
      for (const language of ["en", "zh-CN"] as const)
        if (value !== undefined) expect(filterFaultText(fault, language)).toContain(String(value));
    }
  });
});

test.each(Object.entries(PROBLEMS))(
  "a problem of the kind %s is a sentence in both languages",
  (kind, rest) => {
    const problem = { kind, ...rest } as Problem;
    expect(problemText(problem, "en")).toMatch(/^[A-Zx\d].*[.x]$/);
    if (kind === "told") return;
    expect(problemText(problem, "zh-CN")).toMatch(/\p{Script=Han}.*[。x]$/u);
    expect(problemText(problem, "zh-CN")).not.toMatch(WORDS);
  },
);

test.each(Object.keys(TRACE_KINDS) as TraceFault["kind"][])("a line of a trace that is bad: %s", kind => {
  const problem: Problem = { kind: "bad-trace", file, line: 7, fault: { kind, what: "is bad" } };
  expect(problemText(problem, "en")).toBe("x.pcap: line 7 of the trace is bad.");
  expect(problemText(problem, "zh-CN")).toMatch(/^x\.pcap：跟踪文件第 7 行.*\p{Script=Han}/u);
});

test("what a capture lacks is told only of what is missing", () => {
  const part: Problem = {
    ...{ kind: "part-of-capture", damage: undefined },
    ...{ packetsLeftOut: 0, segmentsLeftOut: 3 },
  };
  expect(problemText(part, "zh-CN")).toBe("有 3 个报文段属于未显示的其他连接。");
});
