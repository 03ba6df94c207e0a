import { expect, test } from "vitest";
import { IpAddress, ip } from "../../wire/address.ts";
import { Strangers } from "./strangers.ts";

const PEER = ip("10.0.0.2");
const hashOf = (address: IpAddress): number => address.hash();
const stranger = (i: number): IpAddress => IpAddress.v4(0xc612_0000 + i);

/** How many of so many strangers are admitted. */
function admitted(strangers: Strangers, count: number): number {
  let admittedOnes = 0;
  for (let i = 0; i < count; i++) if (strangers.admits(stranger(i))) admittedOnes++;
  return admittedOnes;
}

test("between two polls 32 strangers are admitted, and as many after the next", () => {
  const strangers = new Strangers(hashOf);
  expect(admitted(strangers, 20)).toBe(20);
  strangers.polled();
  expect(admitted(strangers, 1_000)).toBe(32);
  expect(admitted(strangers, 1_000)).toBe(0);
  strangers.polled();
  expect(admitted(strangers, 64)).toBe(32);
});

test("who has completed a handshake is admitted however many strangers came before", () => {
  const strangers = new Strangers(hashOf);
  strangers.met(PEER);
  admitted(strangers, 1_000);
  expect(strangers.admits(PEER)).toBe(true);
  expect(strangers.admits(ip("10.0.0.3"))).toBe(false);
});

test("nobody is met at first, not even one whose hash is zero", () => {
  const strangers = new Strangers(() => 0);
  expect(strangers.isMet(PEER)).toBe(false);
});

test("the table does not grow: of two with one place the later one is remembered", () => {
  const strangers = new Strangers(address => (address.w3 & 0xff) * 4_096 + 7);
  strangers.met(stranger(1));
  strangers.met(stranger(2));
  expect(strangers.isMet(stranger(1))).toBe(false);
  expect(strangers.isMet(stranger(2))).toBe(true);
});
