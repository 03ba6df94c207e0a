import { expect, test } from "vitest";
import { row } from "../../../../test/page/messages.ts";
import { arrange, sortedBy } from "./arrange.ts";

const all = (): boolean => true;

test("rows are sorted by a column, both ways; equal ones stay as they came", () => {
  const rows = [row(1, { srtt: 5 }), row(2, { srtt: 9 }), row(3, { srtt: 5 })];
  expect(arrange(rows, all, { column: "srtt", isDescending: false })).toEqual([1, 3, 2]);
  expect(arrange(rows, all, { column: "srtt", isDescending: true })).toEqual([2, 1, 3]);
});

test("addresses are sorted by their numbers", () => {
  const rows = ["10.0.0.10", "10.0.0.9", "fe80::1", "9.0.0.1"].map((remote, at) => row(at, { remote }));
  expect(arrange(rows, all, { column: "remote", isDescending: false })).toEqual([3, 1, 0, 2]);
});

test("what the filter refuses is not there", () => {
  const rows = [row(1), row(2)];
  expect(
    arrange(rows, ({ connection }) => connection === 2, { column: "host", isDescending: false }),
  ).toEqual([2]);
});

test("a click sorts, a second one turns round; numbers begin with the largest", () => {
  const first = sortedBy("lost", { column: "connection", isDescending: false });
  expect(first).toEqual({ column: "lost", isDescending: true });
  expect(sortedBy("lost", first)).toEqual({ column: "lost", isDescending: false });
  expect(sortedBy("host", first)).toEqual({ column: "host", isDescending: false });
});
