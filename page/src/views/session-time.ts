/** The instant of a session for views that count: it flows on between messages, and is told a few times a second. */
import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Session } from "../state/session.ts";
import { FlowingTime } from "./flowing-time.ts";

/** Milliseconds. */
const TICK = 100;

export function useSessionTime(session: Session): ReadonlySignal<number> {
  const now = useSignal(0);
  const flowing = useMemo(() => new FlowingTime(), []);
  useSignalEffect(() => {
    flowing.told(latestOf(session), speedOf(session), performance.now());
    now.value = flowing.at(performance.now());
  });
  useEffect(() => {
    let last = 0;
    let frame = requestAnimationFrame(function tick(wall) {
      frame = requestAnimationFrame(tick);
      if (wall - last < TICK) return;
      last = wall;
      now.value = flowing.at(performance.now());
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return now;
}

/** 0: it stands still. */
function speedOf(session: Session): number {
  const clock = session.clock.value;
  if (session.isClosed.value) return 0;
  if (clock !== undefined) return clock.state === "running" ? clock.speed : 0;
  return session.hello.value?.kind === "live" ? 1 : 0;
}

/** The newest instant that anything tells of. */
function latestOf(session: Session): number {
  const clock = session.clock.value;
  if (clock !== undefined) return clock.now;
  let latest = session.queues.value?.time ?? 0;
  for (const { time } of session.snapshots.value.values()) latest = Math.max(latest, time);
  for (const { lastTime } of session.stories.value.values()) latest = Math.max(latest, lastTime);
  return latest;
}
