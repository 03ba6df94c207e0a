/** A guided scene as a simulation for pages. */
import { Performance } from "../scenes/performance.ts";
import type { Scene } from "../scenes/scene.ts";
import { type RemarkListener, type SimulatedRun, Simulation } from "./simulation.ts";

export function simulationOfScene(scene: Scene, seed?: number): Simulation {
  const { id, title, speed } = scene.description;
  const begin = (wanted: number | undefined, onRemark: RemarkListener): SimulatedRun =>
    new Performance(scene, { seed: wanted, onRemark });
  return new Simulation({ title: title.en, scene: id, speed, seed, begin });
}
