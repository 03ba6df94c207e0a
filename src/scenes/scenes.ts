/** The room's door: guided scenes, each a small simulation that tells what happens in it. */

import { threeWayHandshakeScene } from "./plays/three-way-handshake.ts";
import type { Scene } from "./scene.ts";

export { CATALOG } from "./catalog.ts";
export type { Remark, SceneDescription, SceneEnd, SceneView, Words } from "./description.ts";
export { remarksOf } from "./description.ts";
export { Performance, type PerformanceOptions } from "./performance.ts";
export type { Play, Scene } from "./scene.ts";

/** In the order of the catalog. */
export const SCENES: readonly Scene[] = [threeWayHandshakeScene];

export function sceneNamed(id: string): Scene | undefined {
  return SCENES.find(({ description }) => description.id === id);
}
