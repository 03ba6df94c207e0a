import { ReadableStream, TransformStream, WritableStream } from "node:stream/web";
import { describe, expect, test } from "vitest";
import { type Duration, type Instant, instantAfter, milliseconds, NEVER, seconds } from "../base/time.ts";
import { SimulationFailure } from "./failure.ts";
import { type Driven, World } from "./world.ts";

const at = (time: number): Instant => time as Instant;

/** A node that does something when polled, and asks for what it is told to ask for. */
class Toy implements Driven {
  onWork: (() => void) | undefined;
  readonly polls: Instant[] = [];
  deadline: Instant = NEVER;
  readonly #world: World;
  readonly #onPoll: (toy: Toy) => void;

  constructor(world: World, onPoll: (toy: Toy) => void = () => {}) {
    this.#world = world;
    this.#onPoll = onPoll;
  }

  poll(): Instant {
    this.polls.push(this.#world.now());
    this.#onPoll(this);
    return this.deadline;
  }
}

function sleep(world: World, duration: Duration): Promise<void> {
  return new Promise(resolve => world.schedule(instantAfter(world.now(), duration), resolve));
}

describe("events", () => {
  test("happen in the order of time, then of insertion, and the clock jumps to them", () => {
    const world = new World();
    const log: string[] = [];
    const say = (what: string) => (): void => {
      log.push(`${world.now()} ${what}`);
    };
    world.schedule(at(20), say("b"));
    world.schedule(at(10), say("a"));
    world.schedule(at(20), say("c"));
    world.runFor(15 as Duration);
    expect(log).toEqual(["10 a"]);
    expect(world.now()).toBe(15);
    world.schedule(at(3), say("late"));
    world.runFor(seconds(1));
    expect(log).toEqual(["10 a", "15 late", "20 b", "20 c"]);
    expect(world.now()).toBe(1_000_015);
    expect(world.events).toBe(4);
  });

  test("what is asked for in the past waits behind what is asked for now", () => {
    const world = new World();
    const log: string[] = [];
    world.schedule(at(10), () => {
      world.schedule(at(10), () => log.push("now"));
      world.schedule(at(5), () => log.push("past"));
    });
    world.runFor(seconds(1));
    expect(log).toEqual(["now", "past"]);
  });

  test("step answers false when nothing is left, also when something never comes", () => {
    const world = new World();
    world.schedule(NEVER, () => expect.fail("never came"));
    expect(world.step()).toBe(false);
    expect(world.now()).toBe(0);
  });

  test("runUntil stops at the event that makes the condition true, or at the limit", () => {
    const world = new World();
    let count = 0;
    for (let i = 1; i <= 5; i++) world.schedule(at(i * 10), () => count++);
    expect(world.runUntil(() => count === 3, seconds(1))).toBe(true);
    expect(world.now()).toBe(30);
    expect(world.runUntil(() => count === 9, 15 as Duration)).toBe(false);
    expect([world.now(), count]).toEqual([45, 4]);
  });

  test("an error in an event names the seed and the time, and keeps its cause", () => {
    const world = new World({ seed: 42 });
    const cause = new Error("broken");
    world.schedule(at(1_500_000), () => {
      throw cause;
    });
    const failure = caught(() => world.runFor(seconds(9)));
    expect(failure.message).toBe("broken (seed 42, at 1.500000 s)");
    expect(failure).toMatchObject({ seed: 42, at: 1_500_000, cause });
  });

  test("a check runs after each event", () => {
    const world = new World();
    let checks = 0;
    world.afterEvent(() => checks++);
    for (let i = 0; i < 4; i++) world.schedule(at(i), () => {});
    world.runFor(seconds(1));
    expect(checks).toBe(4);
  });
});

describe("nodes", () => {
  test("are polled when they join, then at the deadline they ask for", () => {
    const world = new World();
    const toy = new Toy(world, self => {
      self.deadline = self.polls.length < 3 ? instantAfter(world.now(), milliseconds(10)) : NEVER;
    });
    world.add(toy, "toy");
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0, 10_000, 20_000]);
  });

  test("are polled once for any amount of work at one instant", () => {
    const world = new World();
    const toy = new Toy(world);
    world.add(toy, "toy");
    world.runFor(milliseconds(1));
    world.schedule(at(2_000), () => {
      toy.onWork?.();
      toy.onWork?.();
    });
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0, 2_000]);
  });

  test("work that a poll itself makes gets a poll of its own", () => {
    const world = new World();
    const toy = new Toy(world, self => {
      if (self.polls.length === 1) self.onWork?.();
    });
    world.add(toy, "toy");
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0, 0]);
  });

  test("a deadline that moved earlier or away holds from the next poll on", () => {
    const world = new World();
    const deadlines = [50_000, 20_000, Number.POSITIVE_INFINITY] as Instant[];
    const toy = new Toy(world, self => {
      self.deadline = deadlines.shift() ?? NEVER;
    });
    world.add(toy, "toy");
    world.schedule(at(1_000), () => toy.onWork?.());
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0, 1_000, 20_000]);
  });

  test("one that was removed is not polled any more", () => {
    const world = new World();
    const toy = new Toy(world, self => {
      self.deadline = instantAfter(world.now(), milliseconds(10));
    });
    world.add(toy, "toy");
    world.schedule(at(15_000), () => world.remove(toy));
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0, 10_000]);
    expect(toy.onWork).toBe(undefined);
  });

  test("one that removes itself in its poll is not polled any more", () => {
    const world = new World();
    const toy = new Toy(world, self => {
      self.deadline = milliseconds(10) as number as Instant;
      world.remove(self);
    });
    world.add(toy, "toy");
    world.runFor(seconds(1));
    expect(toy.polls).toEqual([0]);
  });

  test("an error in a poll names the node", () => {
    const world = new World({ seed: 3 });
    world.add(
      new Toy(world, () => {
        throw new Error("broken");
      }),
      "server",
    );
    expect(caught(() => world.runFor(seconds(1))).message).toBe("server: broken (seed 3, at 0.000000 s)");
  });

  test("one that asks to be polled now for ever is caught", () => {
    const world = new World();
    const toy: Driven = { onWork: undefined, poll: () => world.now() };
    world.add(toy, "toy");
    expect(() => world.runFor(seconds(1))).toThrow("time stands still");
  });
});

describe("promises", () => {
  test("code that waits runs in virtual time", async () => {
    const world = new World();
    const log: string[] = [];
    const work = async (name: string, period: number): Promise<string> => {
      for (let i = 0; i < 3; i++) {
        await sleep(world, seconds(period));
        log.push(`${name} ${world.now() / 1e6}`);
      }
      return name;
    };
    const both = Promise.all([work("slow", 7), work("quick", 2)]);
    expect(await world.runUntilSettled(both, seconds(600))).toEqual(["slow", "quick"]);
    expect(log).toEqual(["quick 2", "quick 4", "quick 6", "slow 7", "slow 14", "slow 21"]);
    expect(world.now()).toBe(21_000_000);
  });

  test("a chain of promises that touches the world ends before the next event", async () => {
    const world = new World();
    const log: string[] = [];
    const chain = async (): Promise<void> => {
      await sleep(world, 10 as Duration);
      for (let link = 0; link < 5; link++) {
        for (let turn = 0; turn < 25; turn++) await undefined;
        world.schedule(at(1_000), () => {});
      }
      log.push(`the chain ended at ${world.now()}`);
    };
    world.schedule(at(11), () => log.push("the next event"));
    await world.runUntilSettled(chain(), seconds(1));
    await world.runForAsync(seconds(1));
    expect(log).toEqual(["the chain ended at 10", "the next event"]);
  });

  test("web streams run in it: back-pressure, transforms and pipes", async () => {
    const world = new World();
    const arrivals: string[] = [];
    let next = 0;
    const source = new ReadableStream<number>({
      pull: async controller => {
        await sleep(world, milliseconds(10));
        if (next === 4) controller.close();
        else controller.enqueue(next++);
      },
    });
    const double = new TransformStream<number, number>({
      transform: (chunk, controller) => controller.enqueue(chunk * 2),
    });
    const sink = new WritableStream<number>({
      write: async chunk => {
        await sleep(world, milliseconds(3));
        arrivals.push(`${chunk} at ${world.now()}`);
      },
    });
    await world.runUntilSettled(source.pipeThrough(double).pipeTo(sink), seconds(1));
    expect(arrivals).toEqual(["0 at 13000", "2 at 23000", "4 at 33000", "6 at 43000"]);
  });

  test("a rejection is thrown, with no time passing after it", async () => {
    const world = new World();
    const failing = sleep(world, milliseconds(5)).then(() => {
      throw new Error("refused");
    });
    await expect(world.runUntilSettled(failing, seconds(1))).rejects.toThrow("refused");
    expect(world.now()).toBe(5_000);
  });

  test("a promise that does not settle fails the run, which says if anything is left to happen", async () => {
    const world = new World({ seed: 9 });
    const never = new Promise<void>(() => {});
    await expect(world.runUntilSettled(never, seconds(2))).rejects.toThrow(
      "a promise did not settle since 0.000000 s, and nothing is left to happen (seed 9, at 2.000000 s)",
    );
    await expect(world.runUntilSettled(sleep(world, seconds(3)), seconds(2))).rejects.toThrow(
      /since 2.000000 s \(seed 9/,
    );
  });

  test("runUntilAsync looks at the condition after the microtasks of each event", async () => {
    const world = new World();
    let done = false;
    void sleep(world, milliseconds(4)).then(() => {
      done = true;
    });
    world.schedule(at(9_000), () => {});
    expect(await world.runUntilAsync(() => done, seconds(1))).toBe(true);
    expect(world.now()).toBe(4_000);
    expect(await world.runUntilAsync(() => false, milliseconds(1))).toBe(false);
    expect(world.now()).toBe(5_000);
  });

  test("two runs at once, and a step within an event, are mistakes that are named", async () => {
    const world = new World();
    const first = world.runForAsync(seconds(1));
    await expect(world.runForAsync(seconds(1))).rejects.toThrow("two runs of a world at once");
    await first;
    world.schedule(world.now(), () => world.step());
    expect(() => world.step()).toThrow("makes the world step");
  });

  test("a drain that is given is used instead of counting turns", async () => {
    let drains = 0;
    const world = new World({
      drain: () => {
        drains++;
        return new Promise(resolve => setImmediate(resolve));
      },
    });
    let done = false;
    const long = sleep(world, milliseconds(1)).then(async () => {
      for (let turn = 0; turn < 500; turn++) await undefined;
      done = true;
    });
    world.schedule(at(2_000), () => expect(done).toBe(true));
    await world.runForAsync(seconds(1));
    await long;
    expect(drains).toBe(3);
  });
});

function caught(run: () => void): SimulationFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof SimulationFailure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
