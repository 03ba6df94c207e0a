import { expect, test } from "vitest";
import { framed, join, tcp, udp, zeros } from "../../test/support/frames.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { Failure } from "./failure.ts";
import { PacketChoice } from "./packet-choice.ts";

const ENDS = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 50_000, destinationPort: 80 };
const WEB = tcp(ENDS);
const UNSAID = { direction: undefined, interfaceName: undefined };

test("a filter is compiled for each link type of a capture", () => {
  const choice = new PacketChoice(["tcp", "port", "80"]);
  expect(choice.includes(LINK_TYPE.ethernet, framed(WEB), 100, UNSAID)).toBe(true);
  expect(choice.includes(LINK_TYPE.raw, WEB, 100, UNSAID)).toBe(true);
  expect(choice.includes(LINK_TYPE.raw, udp(ENDS), 100, UNSAID)).toBe(false);
});

test("what no link knows is refused at once, what one does not know when a packet of it comes", () => {
  expect(() => new PacketChoice(["tcp", "prot"])).toThrow(Failure);
  expect(() => new PacketChoice(["type", "mgt"])).toThrow("wireless");
  const index = new PacketChoice(["ifindex", "3"]);
  const cooked = join([8, 0, 0, 0, 0, 0, 0, 3], zeros(12), WEB);
  expect(index.includes(LINK_TYPE.linuxCooked2, cooked, 100, UNSAID)).toBe(true);
  expect(() => index.includes(LINK_TYPE.ethernet, framed(WEB), 100, UNSAID)).toThrow("ifname");
});

test("a filter tells how many packets could not be judged", () => {
  const choice = new PacketChoice(["tcp and inbound"]);
  const packet = framed(WEB);
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, { ...UNSAID, direction: "in" })).toBe(true);
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, { ...UNSAID, direction: "out" })).toBe(false);
  expect(choice.note).toBeUndefined();
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, UNSAID)).toBe(false);
  expect(choice.note).toBe("1 packet was left out whose direction or interface the capture does not say.");
});

test("a link's network tells what its broadcasts are", () => {
  const choice = new PacketChoice(["ip broadcast"]);
  const packet = framed(udp({ ...ENDS, destination: "10.0.0.255" }));
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, UNSAID)).toBe(false);
  choice.inNetwork(24);
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, UNSAID)).toBe(true);
  choice.inNetwork(16);
  expect(choice.includes(LINK_TYPE.ethernet, packet, 100, UNSAID)).toBe(false);
});
