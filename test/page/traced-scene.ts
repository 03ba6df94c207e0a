/** A guided scene, played and recorded: what an inspector would tell of its two ends. */
import type { Instant } from "../../src/base/time.ts";
import type { ConnectionRow, ToPage } from "../../src/inspect/protocol.ts";
import { Performance } from "../../src/scenes/performance.ts";
import { sceneNamed } from "../../src/scenes/scenes.ts";
import type { EventOf, TraceEvent } from "../../src/trace/event.ts";
import { TraceRecorder, traceLink } from "../../src/trace/trace.ts";
import { hello, row } from "./messages.ts";

/** No message is larger. */
const MOST_EVENTS = 5_000;

export interface TracedScene {
  readonly events: readonly TraceEvent[];
  /** All of it, as one says it to a page that watches these connections. */
  messages(connections: readonly number[]): ToPage[];
}

export function tracedScene(id: string, seed?: number): TracedScene {
  const scene = sceneNamed(id);
  if (scene === undefined) throw new Error(`there is no scene ${id}`);
  const events: TraceEvent[] = [];
  const recorder = new TraceRecorder({ sink: event => events.push(event) });
  const performance = new Performance(scene, { seed });
  for (const host of performance.hosts) recorder.watch(host);
  for (const link of performance.links) traceLink(link, recorder);
  while (performance.endedAt === undefined && performance.step(600e6 as Instant));
  const opened = events.filter((event): event is EventOf<"tcp:opened"> => event.name === "tcp:opened");
  const rows = opened.map(rowOf);
  const messages = (connections: readonly number[]): ToPage[] => {
    const told = events.filter(({ connection }) => connections.includes(connection));
    const parts: ToPage[] = [];
    for (let i = 0; i < told.length; i += MOST_EVENTS) {
      parts.push({ type: "events", events: told.slice(i, i + MOST_EVENTS) });
    }
    return [hello({ kind: "simulation", title: id }), { type: "rows", time: 0, rows, gone: [] }, ...parts];
  };
  return { events, messages };
}

function rowOf({ connection, host, data, time }: EventOf<"tcp:opened">): ConnectionRow {
  const { local, localPort, remote, remotePort, role, congestionControl } = data;
  const ends = { local, localPort, remote, remotePort, role, congestionControl };
  return row(connection, { host, openedAt: time, ...ends });
}
