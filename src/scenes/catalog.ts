/** All scenes, in the order in which one may watch them: what is read of each, without the plays. */
import type { SceneDescription } from "./description.ts";
import { threeWayHandshake } from "./texts/three-way-handshake.ts";

export const CATALOG: readonly SceneDescription[] = [threeWayHandshake];
