import { expect, test } from "vitest";
import { LINK_TYPE } from "../capture/link-type.ts";
import { LinkFilters } from "./link-filters.ts";

const { ethernet, raw } = LINK_TYPE;
const UNKNOWN = 147;

/** TCP in IPv4, without and with an Ethernet header. */
const ON_RAW = Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
const ON_ETHERNET = Uint8Array.of(1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, ...ON_RAW);
const onRaw = { linkType: raw, bytes: ON_RAW, length: 20 };
const onEthernet = { linkType: ethernet, bytes: ON_ETHERNET, length: 34 };

test("each link type has a program of its own", () => {
  const filters = new LinkFilters("ip src 10.0.0.1");
  expect(filters.problem([ethernet, raw])).toBeUndefined();
  expect(filters.matches(onRaw)).toBe(true);
  expect(filters.matches(onEthernet)).toBe(true);
  expect(filters.matches({ ...onRaw, linkType: ethernet })).toBe(false);
});

test("what has no meaning on one link lets nothing of it pass, and is right all the same", () => {
  const filters = new LinkFilters("ether multicast");
  expect(filters.problem([raw, ethernet])).toBeUndefined();
  expect(filters.matches(onRaw)).toBe(false);
  expect(filters.matches(onEthernet)).toBe(true);
});

test("what has no meaning on any is a problem, told as of the first", () => {
  expect(new LinkFilters("ether multicast").problem([raw])?.fault.kind).toBe("no-group");
  expect(new LinkFilters("tcp prot").problem([ethernet, raw])).toMatchObject({ at: 4 });
  expect(new LinkFilters("tcp prot").problem([])).toBeUndefined();
});

test("whence a packet came and where it was seen may be asked for, as far as that is known", () => {
  const incoming = new LinkFilters("inbound and ifname tun0");
  expect(incoming.matches({ ...onRaw, direction: "in", interface: "tun0" })).toBe(true);
  expect(incoming.matches({ ...onRaw, direction: "out", interface: "tun0" })).toBe(false);
  expect(incoming.matches({ ...onRaw, direction: "in", interface: "tun1" })).toBe(false);
  expect(incoming.matches(onRaw)).toBe(false);
});

test("without a filter packets of any link pass, also of one that has no filters", () => {
  const none = new LinkFilters(" ");
  expect(none.problem([UNKNOWN])).toBeUndefined();
  expect(none.matches({ ...onRaw, linkType: UNKNOWN })).toBe(true);
  expect(new LinkFilters("tcp").matches({ ...onRaw, linkType: UNKNOWN })).toBe(false);
});
