/** The room's door: what the inspector shows, and how it speaks with its page. */

export { readFromPage } from "./from-page.ts";
export { Inspector, type InspectorOptions, type TimeControl } from "./inspector.ts";
export { ALL_EVENTS, type InspectorLimits } from "./limits.ts";
export { type End, type Fate, PairedSegment } from "./paired-segment.ts";
export { type Problem, problemText, troubleOf } from "./problem.ts";
export type * from "./protocol.ts";
export { PROTOCOL_VERSION } from "./protocol.ts";
export { type SimulatedRun, Simulation, type SimulationOptions } from "./simulation.ts";
export { simulationOfScene } from "./simulation-of-scene.ts";
export type * from "./story.ts";
export { STORY_LIMITS, StoryBuilder, type StoryLimits } from "./story-builder.ts";
export { type Knowledge, StoryPair } from "./story-pair.ts";
export { type ImpairedWire, type Wire, WireDirection, wireOfDevice, wireOfLink } from "./wires.ts";
