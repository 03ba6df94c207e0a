import { expect, test } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { AT_ONCE } from "./ladder-layout.ts";
import { LadderModel } from "./ladder-model.ts";

const header = { acknowledgment: 0, flags: "ACK", length: 10, window: 100, reason: "text" };

/** Seen by one end alone, which estimates the other by its round trips. */
class OneEnd {
  readonly near = new StoryBuilder(1);
  readonly model = new LadderModel(this.near.story, undefined);

  tell(name: string, time: number, data: object): this {
    this.near.apply({ time, host: "", connection: 1, name, data } as unknown as TraceEvent);
    return this;
  }

  roundTrip(time: number, rtt: number): this {
    return this.tell("tcp:acknowledged", time, { acknowledgment: 10, bytes: 10, sackedBytes: 0, rtt });
  }
}

test("better estimates lay out a long past anew over several pictures, and the old lines stand meanwhile", () => {
  const end = new OneEnd().tell("tcp:sent", 0, { ...header, sequence: 0 }).roundTrip(100, 100);
  for (let i = 1; i < 2 * AT_ONCE; i++) end.tell("tcp:sent", 100 * i, { ...header, sequence: 10 * i });
  do end.model.update();
  while (end.model.isBehind);
  const before = end.model.layout;
  expect(before.arrows[1]?.arrivedAt).toBe(150);
  end.roundTrip(1_000_000, 40).model.update();
  expect(end.model.isBehind).toBe(true);
  expect(end.model.layout).toBe(before);
  end.model.update();
  expect(end.model.isBehind).toBe(false);
  expect(end.model.layout).not.toBe(before);
  expect(end.model.layout.arrows).toHaveLength(2 * AT_ONCE);
  expect(end.model.layout.arrows[1]?.arrivedAt).toBe(120);
});
