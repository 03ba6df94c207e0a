import { expect, test } from "vitest";
import { merge, type Results, resultOf, type Turns } from "./results.ts";
import type { Bound, Row, Target } from "./row.ts";

const machine = { cpu: "x", cores: 2, memoryBytes: 1, kernel: "6", node: "v20", virtualization: "none" };
const circumstances = { measuredAt: "2026-01-01T00:00:00Z", loadBefore: 0, seconds: 1 };

function row(targets: readonly Target[], name = "row"): Row {
  return {
    name,
    section: "Section",
    title: "a row",
    quantities: [{ name: "speed", unit: "1/s", better: "more" }],
    contestants: [],
    targets,
    needsRoot: false,
  };
}

function turns(contestant: string, ...speeds: number[]): Turns {
  return { contestant, failures: [], rounds: speeds.map(speed => ({ speed })) };
}

function judged(bound: Bound, against?: string) {
  const target = { quantity: "speed", of: "ours", against, bound };
  const result = resultOf(
    row([target]),
    [turns("ours", 9, 8, 1), turns("theirs", 10, 12, 10)],
    circumstances,
  );
  return result.targets[0];
}

test("a target is the ratio of medians: at least, at most", () => {
  expect(judged({ atLeast: 0.8 }, "theirs")).toMatchObject({ value: 0.8, isMet: true });
  expect(judged({ atLeast: 0.81 }, "theirs")).toMatchObject({ value: 0.8, isMet: false });
  expect(judged({ atMost: 0.8 }, "theirs")).toMatchObject({ isMet: true });
  expect(judged({ atMost: 0.79 }, "theirs")).toMatchObject({ isMet: false });
});

test("without a peer the median itself is held to the bound", () => {
  expect(judged({ atLeast: 8 })).toMatchObject({ value: 8, isMet: true });
  expect(judged({ atMost: 7 })).toMatchObject({ value: 8, isMet: false });
});

test("a target against a peer that took no part is neither met nor missed", () => {
  const target: Target = { quantity: "speed", of: "ours", against: "absent", bound: { atLeast: 1 } };
  const absent = { contestant: "absent", skipped: "there is no compiler", failures: [], rounds: [] };
  const [result] = resultOf(row([target]), [turns("ours", 1), absent], circumstances).targets;
  expect(result?.value).toBeUndefined();
  expect(result?.isMet).toBeUndefined();
});

const results = (...rows: Results["rows"]): Results => ({ format: 1, machine, rows });
const measured = (name: string, speed: number) =>
  resultOf(row([], name), [turns("ours", speed)], circumstances);

test("a row measured again replaces its older self; others stay, in the bench's order", () => {
  const older = results(measured("a", 1), measured("b", 1));
  const merged = merge(older, results(measured("b", 2), measured("c", 2)), ["c", "b", "a"]);
  expect(merged.rows).toEqual([measured("c", 2), measured("b", 2), measured("a", 1)]);
});

test("rows that the bench has no more are forgotten", () => {
  expect(merge(results(measured("gone", 1)), results(measured("a", 2)), ["a"]).rows).toEqual([
    measured("a", 2),
  ]);
});

test("nothing stays of another machine", () => {
  const older: Results = { ...results(measured("a", 1)), machine: { ...machine, cores: 64 } };
  expect(merge(older, results(measured("b", 1)), ["a", "b"]).rows).toEqual([measured("b", 1)]);
});
