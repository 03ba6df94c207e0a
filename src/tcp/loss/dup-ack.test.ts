import { describe, expect, test } from "vitest";
import { DuplicateAcks } from "./dup-ack.ts";

function duplicatesOf(count: number): DuplicateAcks {
  const duplicates = new DuplicateAcks();
  for (let i = 0; i < count; i++) duplicates.arrived();
  return duplicates;
}

describe("DuplicateAcks: RFC 5681 §3.2", () => {
  test("three are the threshold", () => {
    expect([0, 1, 2, 3, 4].map(count => duplicatesOf(count).isThreshold)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test("a partial acknowledgment of n segments accounts for n − 1 duplicates (RFC 6582 §3.2, step 3)", () => {
    const duplicates = duplicatesOf(7);
    duplicates.deflate(3);
    expect(duplicates.count).toBe(5);
    duplicates.deflate(1);
    expect(duplicates.count).toBe(5);
    duplicates.deflate(0);
    expect(duplicates.count).toBe(5);
    duplicates.deflate(100);
    expect(duplicates.count).toBe(0);
  });

  test("progress forgets them", () => {
    const duplicates = duplicatesOf(3);
    duplicates.reset();
    expect(duplicates.count).toBe(0);
    expect(duplicates.isThreshold).toBe(false);
  });
});
