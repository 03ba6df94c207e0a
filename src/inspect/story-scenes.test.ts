/** Stories of what really happened: every scene, recorded at both ends of its first connection. */
import { expect, test } from "vitest";
import type { Instant } from "../base/time.ts";
import { Performance } from "../scenes/performance.ts";
import { SCENES } from "../scenes/scenes.ts";
import type { TraceEvent } from "../trace/event.ts";
import { TraceRecorder, traceLink } from "../trace/trace.ts";
import { StoryBuilder } from "./story-builder.ts";
import { StoryPair } from "./story-pair.ts";

function played(scene: (typeof SCENES)[number]): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const recorder = new TraceRecorder({ sink: event => events.push(event) });
  const performance = new Performance(scene);
  for (const host of performance.hosts) recorder.watch(host);
  for (const link of performance.links) traceLink(link, recorder);
  while (performance.endedAt === undefined && performance.step(600e6 as Instant));
  return events;
}

/** The end that has the same connection the other way round. */
function otherEnd(events: readonly TraceEvent[], near: number): number {
  const opened = events.flatMap(event => (event.name === "tcp:opened" ? [event] : []));
  const ours = opened.find(({ connection }) => connection === near)?.data;
  const far = opened.find(
    ({ connection, data }) => connection !== near && data.localPort === ours?.remotePort,
  );
  return far?.connection ?? 0;
}

test.each(SCENES.map(scene => [scene.description.id, scene] as const))("%s adds up", (_, scene) => {
  const events = played(scene);
  const near = new StoryBuilder(1);
  const far = new StoryBuilder(otherEnd(events, 1));
  for (const event of events) {
    near.apply(event);
    far.apply(event);
  }
  const pair = new StoryPair(near.story, far.story.events === 0 ? undefined : far.story);
  pair.update();
  const stories = [near.story, far.story];
  const all = stories.flatMap(({ segments }) => segments);
  const sent = all.filter(({ direction }) => direction === "sent");
  // Each sending is there once, and so is each arrival.
  expect(pair.segments.filter(({ sentAt }) => sentAt !== undefined).length).toBe(sent.length);
  const arrivals = pair.segments.filter(({ receivedAt }) => receivedAt !== undefined);
  expect(arrivals.length).toBe(all.length - sent.length);
  expect(arrivals.every(({ sentAt, receivedAt }) => (receivedAt ?? 0) >= (sentAt ?? 0))).toBe(true);
  // What a wire has taken has not come.
  const lost = events.filter(({ name, connection }) => name === "link:lost" && isOneOf(stories, connection));
  expect(pair.segments.filter(paired => pair.fateOf(paired) === "lost").length).toBe(lost.length);
});

function isOneOf(stories: ReadonlyArray<{ readonly connection: number }>, connection: number): boolean {
  return stories.some(story => story.connection === connection);
}
