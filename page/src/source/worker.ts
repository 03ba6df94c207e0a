/**
 * The worker in which a scene is simulated: time passes here, so that the page stays free to draw. It speaks
 * the inspector's protocol, as a live host does.
 */
import type { Duration } from "../../../src/base/time.ts";
import { troubleOf } from "../../../src/inspect/problem.ts";
import type { FromPage, InspectorChannel, ToPage } from "../../../src/inspect/protocol.ts";
import type { Simulation } from "../../../src/inspect/simulation.ts";
import { simulationOfScene } from "../../../src/inspect/simulation-of-scene.ts";
import { sceneNamed } from "../../../src/scenes/scenes.ts";
import type { ToWorker } from "./worker-messages.ts";

/** Milliseconds between two looks at the clock: as often as pictures are drawn. */
const PACE = 16;
/** What a message weighs, roughly: the page tells how many it has taken, not how large they were. */
const MESSAGE = 1 << 16;

class PageEnd implements InspectorChannel {
  onMessage: ((message: FromPage) => void) | undefined;
  onClosed: (() => void) | undefined;
  taken = 0;
  #sent = 0;

  get waiting(): number {
    return (this.#sent - this.taken) * MESSAGE;
  }

  send(message: ToPage): void {
    this.#sent++;
    postMessage(message);
  }

  close(): void {
    this.onClosed?.();
  }
}

const page = new PageEnd();

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "open") open(data.scene, data.seed);
  else if (data.kind === "said") page.onMessage?.(data.message);
  else page.taken = data.messages;
});

function open(id: string, seed: number | undefined): void {
  const scene = sceneNamed(id);
  if (scene === undefined) {
    page.send(troubleOf({ kind: "no-such-scene", scene: id }));
    return;
  }
  const simulation = simulationOfScene(scene, seed);
  simulation.join(page);
  keepTime(simulation);
}

function keepTime(simulation: Simulation): void {
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    simulation.advance(Math.round((now - last) * 1_000) as Duration);
    last = now;
  }, PACE);
}
