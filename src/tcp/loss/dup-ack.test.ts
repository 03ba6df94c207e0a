import { describe, expect, test } from "vitest";
import { DuplicateAcks } from "./dup-ack.ts";

const MANY = 100;

describe("DuplicateAcks: RFC 5681 §3.2, RFC 6582", () => {
  test("are counted until progress", () => {
    const duplicates = new DuplicateAcks();
    for (let i = 0; i < 4; i++) expect(duplicates.arrived(MANY)).toBe(true);
    expect(duplicates.count).toBe(4);
    duplicates.reset();
    expect(duplicates.count).toBe(0);
  });

  test("a partial acknowledgment of n segments accounts for n − 1 duplicates (RFC 6582 §3.2, step 3)", () => {
    const duplicates = new DuplicateAcks();
    for (let i = 0; i < 5; i++) duplicates.arrived(MANY);
    duplicates.deflate(3, MANY);
    expect(duplicates.count).toBe(3);
    duplicates.deflate(1, MANY);
    expect(duplicates.count).toBe(3);
    duplicates.deflate(0, MANY);
    expect(duplicates.count).toBe(3);
    duplicates.deflate(9, MANY);
    expect(duplicates.count).toBe(0);
  });

  test("more than segments can have arrived are not believed: that is reordering", () => {
    const duplicates = new DuplicateAcks();
    expect(duplicates.arrived(2)).toBe(true);
    expect(duplicates.arrived(2)).toBe(true);
    expect(duplicates.arrived(2)).toBe(false);
    expect(duplicates.count).toBe(2);
    expect(duplicates.deflate(1, 1)).toBe(false);
    expect(duplicates.count).toBe(1);
    expect(duplicates.deflate(1, -1)).toBe(false);
    expect(duplicates.count).toBe(0);
  });
});
