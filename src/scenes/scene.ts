/**
 * A guided scene: hosts and links are put into a world, users call and wires fail by a script, and everything
 * else is TCP's own doing. A play says at which moments its remarks are due, and when it is over; it never
 * tells what has not happened.
 */
import type { SceneDescription } from "./description.ts";
import type { Stage } from "./stage.ts";

export interface Play<Told extends string = string> {
  /** A remark is told when its moment first holds, once. */
  readonly moments: Readonly<Record<Told, () => boolean>>;
  /** All that was to be seen has been. */
  readonly isOver: () => boolean;
}

export interface Scene {
  readonly description: SceneDescription;
  /** Puts everything on the stage; nothing happens before the world's first event. */
  readonly play: (stage: Stage) => Play;
}

export function scene<Told extends string>(
  description: SceneDescription<Told>,
  play: (stage: Stage) => Play<Told>,
): Scene {
  return { description, play };
}
