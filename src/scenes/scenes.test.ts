/** Every scene, replayed: it ends, and tells all that it has to tell, in order. */
import { describe, expect, test } from "vitest";
import { Trace } from "../sim/trace.ts";
import { CATALOG, Performance, remarksOf, SCENES, type Scene } from "./scenes.ts";

function performed(
  scene: Scene,
  seed?: number,
): { readonly performance: Performance; readonly hash: string } {
  const traces: Trace[] = [];
  const performance = new Performance(scene, {
    seed,
    selfCheck: true,
    trace: world => {
      const trace = new Trace(world, { keep: 0 });
      traces.push(trace);
      return trace;
    },
  });
  performance.run();
  return { performance, hash: traces[0]?.hash ?? "" };
}

test("the catalog names the scenes, in their order", () => {
  expect(SCENES.map(({ description }) => description)).toEqual(CATALOG);
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length);
});

describe.each(SCENES.map(scene => [scene.description.id, scene] as const))("%s", (_id, scene) => {
  test("ends, and every remark is told in order", () => {
    const { performance } = performed(scene);
    expect(performance.told).toEqual(remarksOf(scene.description).map((_, number) => number));
    expect(performance.endedAt).toBeDefined();
  });

  test("the same seed gives the same run, frame by frame", () => {
    expect(performed(scene).hash).toBe(performed(scene).hash);
  });

  test.each([2, 3, 77])("ends with seed %i as well", seed => {
    const { performance, hash } = performed(scene, seed);
    expect(performance.endedAt).toBeDefined();
    expect(hash).not.toBe(performed(scene).hash);
  });
});
