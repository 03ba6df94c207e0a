/** Every scene, replayed: it ends, and tells all that it has to tell, in order. */
import { describe, expect, test } from "vitest";
import { Trace } from "../sim/trace.ts";
import { CATALOG, Performance, remarksOf, SCENES, type Scene, sceneNamed } from "./scenes.ts";

interface Performed {
  readonly performance: Performance;
  readonly hash: string;
}

function perform(scene: Scene, seed?: number): Performed {
  let trace: Trace | undefined;
  const performance = new Performance(scene, {
    seed,
    selfCheck: true,
    trace: world => {
      trace = new Trace(world, { keep: 0 });
      return trace;
    },
  });
  performance.run();
  return { performance, hash: trace?.hash ?? "" };
}

test("the catalog names the scenes, in their order", () => {
  expect(SCENES.map(({ description }) => description)).toEqual(CATALOG);
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length);
  for (const { id } of CATALOG) expect(sceneNamed(id)?.description.id).toBe(id);
  expect(sceneNamed("none")).toBeUndefined();
});

describe.each(SCENES.map(scene => [scene.description.id, scene] as const))("%s", (_id, scene) => {
  const first = perform(scene);

  test("ends, and every remark is told in order", () => {
    const { told, endedAt } = first.performance;
    expect(told).toEqual(remarksOf(scene.description).map((_, number) => number));
    expect(endedAt).toBeDefined();
  });

  test("the same seed gives the same run, frame by frame", () => {
    expect(perform(scene).hash).toBe(first.hash);
  });

  test.each([2, 77])("ends with seed %i as well, and runs otherwise", seed => {
    const { performance, hash } = perform(scene, seed);
    expect(performance.endedAt).toBeDefined();
    expect(hash).not.toBe(first.hash);
  });

  test("what it points at is there: hosts, and ports in use", () => {
    const names = first.performance.hosts.map(({ name }) => name);
    const ends = [scene.description.end, ...remarksOf(scene.description).map(({ end }) => end)];
    for (const end of ends) if (end !== undefined) expect(names).toContain(end.host);
  });
});
