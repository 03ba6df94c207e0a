import { expect, test } from "vitest";
import { LINK_TYPE } from "../capture/link-type.ts";
import { LinkFilters } from "./link-filters.ts";

const { ethernet, raw } = LINK_TYPE;
const UNKNOWN = 147;

/** TCP in IPv4, without and with an Ethernet header. */
const ON_RAW = Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
const ON_ETHERNET = Uint8Array.of(1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, ...ON_RAW);

test("each link type has a program of its own", () => {
  const filters = new LinkFilters("ip src 10.0.0.1");
  expect(filters.problem([ethernet, raw])).toBeUndefined();
  expect(filters.matches(raw, ON_RAW, 20)).toBe(true);
  expect(filters.matches(ethernet, ON_ETHERNET, 34)).toBe(true);
  expect(filters.matches(ethernet, ON_RAW, 20)).toBe(false);
});

test("what has no meaning on one link lets nothing of it pass, and is right all the same", () => {
  const filters = new LinkFilters("ether multicast");
  expect(filters.problem([raw, ethernet])).toBeUndefined();
  expect(filters.matches(raw, ON_RAW, 20)).toBe(false);
  expect(filters.matches(ethernet, ON_ETHERNET, 34)).toBe(true);
});

test("what has no meaning on any is a problem, told as of the first", () => {
  expect(new LinkFilters("ether multicast").problem([raw])?.fault.kind).toBe("needs-ethernet");
  expect(new LinkFilters("tcp prot").problem([ethernet, raw])).toMatchObject({ at: 4 });
  expect(new LinkFilters("tcp prot").problem([])).toBeUndefined();
});

test("without a filter packets of any link pass, also of one that has no filters", () => {
  const none = new LinkFilters(" ");
  expect(none.problem([UNKNOWN])).toBeUndefined();
  expect(none.matches(UNKNOWN, ON_RAW, 20)).toBe(true);
  expect(new LinkFilters("tcp").matches(UNKNOWN, ON_RAW, 20)).toBe(false);
});
