import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EphemeralPorts } from "./ephemeral-port.ts";

const ANY = (): boolean => true;

describe("EphemeralPorts: RFC 6056 §3.3.3", () => {
  test("go up one by one from the offset, and round", () => {
    const ports = new EphemeralPorts(40_000, 40_003);
    expect(Array.from({ length: 5 }, () => ports.choose(2, ANY))).toEqual([
      40_002, 40_003, 40_000, 40_001, 40_002,
    ]);
  });

  test("skip what is taken", () => {
    const ports = new EphemeralPorts(40_000, 40_003);
    expect(ports.choose(0, port => port === 40_003)).toBe(40_003);
  });

  test("when all are taken there is none, and each was looked at once", () => {
    const ports = new EphemeralPorts(40_000, 40_009);
    const asked: number[] = [];
    const choose = ports.choose(7, port => {
      asked.push(port);
      return false;
    });
    expect(choose).toBeUndefined();
    expect(asked.sort()).toEqual(Array.from({ length: 10 }, (_, i) => 40_000 + i));
  });

  test("keep to their range, whatever the offset, and find the last free one", () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.integer({ min: 0, max: 99 }), (offset, free) => {
        const ports = new EphemeralPorts(50_000, 50_099);
        expect(ports.choose(offset, port => port === 50_000 + free)).toBe(50_000 + free);
      }),
    );
  });
});
