/**
 * What is read of a guided scene: its title, what it is about, and its remarks. The texts stand apart from
 * the plays, so that a page lists scenes without carrying a TCP.
 */

/** The same in both languages. */
export interface Words {
  readonly en: string;
  readonly "zh-CN": string;
}

/** Where the inspector shows what is being told. */
export type SceneView = "connections" | "ladder" | "sequence" | "states" | "windows" | "timers" | "packets";

/** A connection, by the host that it is seen from, and by one of its ports; the first one without a port. */
export interface SceneEnd {
  readonly host: string;
  readonly port?: number;
}

export interface Remark {
  readonly words: Words;
  readonly view: SceneView;
  /** Undefined: the scene's own. */
  readonly end?: SceneEnd;
}

/** Remarks go by their name where they are written, and by their number, from 0, where they are told. */
export interface SceneDescription<Told extends string = string> {
  readonly id: string;
  readonly title: Words;
  /** One sentence. */
  readonly summary: Words;
  /** A few. */
  readonly about: Words;
  readonly seed: number;
  /** Virtual seconds a second, to begin with. */
  readonly speed: number;
  /** What to look at first. */
  readonly view: SceneView;
  readonly end: SceneEnd;
  /** Senders that the time–sequence view lays over each other. */
  readonly compared?: readonly SceneEnd[];
  readonly remarks: Readonly<Record<Told, Remark>>;
}

/** Keeps the names of the remarks for the compiler: a play has to know the moment of each. */
export function described<Told extends string>(description: SceneDescription<Told>): SceneDescription<Told> {
  return description;
}

/** In the order of their numbers. */
export function remarksOf(description: SceneDescription): readonly Remark[] {
  return Object.values(description.remarks);
}
