import { expect, test } from "vitest";
import { readPlace, writePlace } from "./place.ts";

test("a place is written and read again", () => {
  const place = {
    scene: "three-way-handshake",
    seed: 7,
    views: ["ladder", "states"],
    connection: 2,
  } as const;
  const hash = "#scene=three-way-handshake&seed=7&view=ladder,states&connection=2";
  expect(writePlace(place)).toBe(hash);
  expect(readPlace(hash)).toEqual(place);
});

test("nowhere is an empty address", () => {
  const nowhere = { scene: undefined, seed: undefined, views: [], connection: undefined };
  expect(readPlace("")).toEqual(nowhere);
  expect(writePlace(nowhere)).toBe("");
});

test("what makes no sense is left out", () => {
  const place = readPlace("#scene=<img>&seed=-1&view=ladder,nothing,ladder&connection=1e9");
  expect(place).toEqual({ scene: undefined, seed: undefined, views: ["ladder"], connection: undefined });
});
