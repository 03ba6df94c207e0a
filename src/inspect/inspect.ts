/** The room's door: what the inspector shows, and how it speaks with its page. */
export type * from "./protocol.ts";
export { PROTOCOL_VERSION } from "./protocol.ts";
export type * from "./story.ts";
export { STORY_LIMITS, StoryBuilder, type StoryLimits } from "./story-builder.ts";
