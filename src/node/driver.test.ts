import { once } from "node:events";
import { readFile } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Instant, instantAfter, microseconds, milliseconds, NEVER, seconds } from "../base/time.ts";
import { type Driven, Driver } from "./driver.ts";

const drivers: Driver[] = [];

afterEach(() => {
  for (const driver of drivers.splice(0)) driver.close();
});

function newDriver(): Driver {
  const driver = new Driver();
  drivers.push(driver);
  return driver;
}

function inMilliseconds(driver: Driver, count: number): Instant {
  return instantAfter(driver.now(), milliseconds(count));
}

class Node implements Driven {
  onWork: (() => void) | undefined;
  polls = 0;
  readonly #poll: (polls: number) => Instant;

  constructor(poll: (polls: number) => Instant = () => NEVER) {
    this.#poll = poll;
  }

  poll(): Instant {
    return this.#poll(++this.polls);
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** Resolves when the driver has nothing left to do right now. */
async function settled(driver: Driver): Promise<void> {
  await new Promise<void>(resolve => driver.schedule(driver.now(), resolve));
  await turnOfTheLoop();
}

describe("the clock", () => {
  test("counts whole microseconds and never goes back", () => {
    const driver = newDriver();
    let last = driver.now();
    for (let i = 0; i < 10_000; i++) {
      const now = driver.now();
      expect(Number.isInteger(now) && now >= last).toBe(true);
      last = now;
    }
  });
});

describe("tasks", () => {
  test("run in the order of their instants, those of one instant as they were asked for", async () => {
    const driver = newDriver();
    const order: string[] = [];
    const soon = inMilliseconds(driver, 5);
    await new Promise<void>(resolve => {
      driver.schedule(inMilliseconds(driver, 12), resolve);
      driver.schedule(inMilliseconds(driver, 8), () => order.push("third"));
      driver.schedule(soon, () => order.push("first"));
      driver.schedule(soon, () => order.push("second"));
    });
    expect(order).toEqual(["first", "second", "third"]);
  });

  test.each([0, 1, 100, 900, 1_000, 1_001, 2_500, 20_000])(
    "never run before their instant: %i µs ahead",
    ahead => {
      const driver = newDriver();
      const at = instantAfter(driver.now(), microseconds(ahead));
      return new Promise<void>(resolve => {
        driver.schedule(at, () => {
          expect(driver.now()).toBeGreaterThanOrEqual(at);
          resolve();
        });
      });
    },
  );

  test("run after the call that asks for them, when their instant is past too", async () => {
    const driver = newDriver();
    let ran = false;
    driver.schedule(0 as Instant, () => {
      ran = true;
    });
    expect(ran).toBe(false);
    await settled(driver);
    expect(ran).toBe(true);
  });

  test("that were cancelled do not run, and hold nothing up", async () => {
    const driver = newDriver();
    let ran = false;
    driver
      .schedule(driver.now(), () => {
        ran = true;
      })
      .cancel();
    await settled(driver);
    expect(ran).toBe(false);
  });

  test("an earlier task overtakes a sleep that has begun", async () => {
    const driver = newDriver();
    const order: string[] = [];
    await new Promise<void>(resolve => {
      driver.schedule(inMilliseconds(driver, 30), () => {
        order.push("late");
        resolve();
      });
      setImmediate(() => driver.schedule(inMilliseconds(driver, 2), () => order.push("early")));
    });
    expect(order).toEqual(["early", "late"]);
  });

  test("an endless chain of due tasks leaves Node's own I/O its turns", async () => {
    const driver = newDriver();
    let isRead = false;
    const chain = () => {
      const busyUntil = driver.now() + 50;
      while (driver.now() < busyUntil);
      if (!isRead) driver.schedule(driver.now(), chain);
    };
    chain();
    await new Promise<void>(resolve => {
      readFile("package.json", () => {
        isRead = true;
        resolve();
      });
    });
  });

  test("that throw leave the others in place", async () => {
    const driver = newDriver();
    const order: string[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const caught = new Promise<unknown>(resolve => process.once("uncaughtException", resolve));
    const after = new Promise<void>(resolve => {
      driver.schedule(driver.now(), () => {
        throw new Error("a bug");
      });
      driver.schedule(driver.now(), () => {
        order.push("after");
        resolve();
      });
    });
    expect(await caught).toMatchObject({ message: "a bug" });
    for (const listener of listeners) process.on("uncaughtException", listener);
    await after;
    expect(order).toEqual(["after"]);
  });
});

describe("hosts", () => {
  test("are polled when they are added, and not within the call", async () => {
    const driver = newDriver();
    const node = new Node();
    driver.add(node);
    expect(node.polls).toBe(0);
    await settled(driver);
    expect(node.polls).toBe(1);
  });

  test("are polled once for all the work of one turn", async () => {
    const driver = newDriver();
    const node = new Node();
    driver.add(node);
    await settled(driver);
    for (let i = 0; i < 100; i++) node.onWork?.();
    expect(node.polls).toBe(1);
    await settled(driver);
    expect(node.polls).toBe(2);
  });

  test("are polled after all the tasks that are due together: a burst is answered as one", async () => {
    const driver = newDriver();
    const node = new Node();
    driver.add(node);
    await settled(driver);
    const pollsSeen: number[] = [];
    for (let i = 0; i < 3; i++) {
      driver.schedule(driver.now(), () => {
        pollsSeen.push(node.polls);
        node.onWork?.();
      });
    }
    await settled(driver);
    expect(pollsSeen).toEqual([1, 1, 1]);
    expect(node.polls).toBe(2);
  });

  test("are polled before a task that was asked for in the same round, however early its instant", async () => {
    const driver = newDriver();
    const order: string[] = [];
    const node = new Node(polls => {
      if (polls === 2) order.push("poll");
      return NEVER;
    });
    driver.add(node);
    await settled(driver);
    driver.schedule(driver.now(), () => {
      order.push("first");
      node.onWork?.();
      driver.schedule(0 as Instant, () => order.push("second"));
    });
    await settled(driver);
    await settled(driver);
    expect(order).toEqual(["first", "poll", "second"]);
  });

  test("that get work from another's poll are polled again", async () => {
    const driver = newDriver();
    const second = new Node();
    const first = new Node(polls => {
      if (polls === 2) second.onWork?.();
      return NEVER;
    });
    driver.add(second);
    driver.add(first);
    await settled(driver);
    first.onWork?.();
    await settled(driver);
    expect([first.polls, second.polls]).toEqual([2, 2]);
  });

  test("are polled at their deadline, and not before", () => {
    const driver = newDriver();
    return new Promise<void>(resolve => {
      let deadline = NEVER;
      driver.add(
        new Node(polls => {
          if (polls === 1) {
            deadline = inMilliseconds(driver, 5);
            return deadline;
          }
          expect(driver.now()).toBeGreaterThanOrEqual(deadline);
          resolve();
          return NEVER;
        }),
      );
    });
  });

  test("are polled after what came in while the process stood still", async () => {
    const driver = newDriver();
    const order: string[] = [];
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.on("data", () => order.push("frame"));
    const [sender] = (await once(server, "connection")) as [Socket];
    await new Promise<void>(resolve => {
      const node = new Node(polls => {
        if (polls > 1) {
          order.push("timer");
          resolve();
          return NEVER;
        }
        const deadline = inMilliseconds(driver, 3);
        sender.write("frame");
        const end = performance.now() + 30;
        while (performance.now() < end);
        return deadline;
      });
      driver.add(node);
    });
    expect(order).toEqual(["frame", "timer"]);
    for (const socket of [sender, client]) socket.destroy();
    server.close();
  });

  test("whose deadline moved earlier are polled at the earlier one", () => {
    const driver = newDriver();
    return new Promise<void>(resolve => {
      const node = new Node(polls => {
        if (polls === 3) resolve();
        return inMilliseconds(driver, polls === 2 ? 3 : 3_600_000);
      });
      driver.add(node);
      setImmediate(() => node.onWork?.());
    });
  });

  test("whose deadline moved later are not polled at the earlier one", () => {
    const driver = newDriver();
    return new Promise<void>(resolve => {
      let deadline = NEVER;
      const node = new Node(polls => {
        if (polls === 1) {
          node.onWork?.();
          return inMilliseconds(driver, 2);
        }
        if (polls === 2) {
          deadline = inMilliseconds(driver, 10);
          return deadline;
        }
        expect(driver.now()).toBeGreaterThanOrEqual(deadline);
        resolve();
        return NEVER;
      });
      driver.add(node);
    });
  });

  test("that were removed are not polled, even when they had work", async () => {
    const driver = newDriver();
    const node = new Node();
    driver.add(node);
    await settled(driver);
    node.onWork?.();
    driver.remove(node);
    expect(node.onWork).toBeUndefined();
    await settled(driver);
    expect(node.polls).toBe(1);
  });
});

describe("frames", () => {
  /** A source that has frames in those of its reads for which `has` says so. */
  function source(has: (read: number) => boolean) {
    return {
      reads: 0,
      read() {
        return has(++this.reads);
      },
    };
  }

  test("are read and answered within the call that announces them", async () => {
    const driver = newDriver();
    const order: string[] = [];
    const node = new Node(polls => {
      if (polls > 1) order.push("answered");
      return NEVER;
    });
    driver.add(node);
    await settled(driver);
    const lone = source(read => {
      order.push(read === 1 ? "read" : "nothing more");
      if (read === 1) node.onWork?.();
      return read === 1;
    });
    driver.arrived(lone);
    expect(order).toEqual(["read", "answered", "nothing more"]);
  });

  test("of one burst have come at one instant, and their answers leave later", async () => {
    const driver = newDriver();
    const times: number[] = [];
    const node = new Node(polls => {
      if (polls > 1) times.push(driver.now());
      return NEVER;
    });
    driver.add(node);
    await settled(driver);
    const burst = source(read => {
      if (read > 1) return false;
      times.push(driver.now());
      const end = performance.now() + 2;
      while (performance.now() < end);
      times.push(driver.now());
      node.onWork?.();
      return true;
    });
    driver.arrived(burst);
    expect(times[1]).toBe(times[0]);
    expect(times[2]).toBeGreaterThan(times[0] as number);
  });

  test("that never end leave Node's own I/O its turns", async () => {
    const driver = newDriver();
    let isRead = false;
    driver.arrived(source(() => !isRead));
    await new Promise<void>(resolve => {
      readFile("package.json", () => {
        isRead = true;
        resolve();
      });
    });
  });

  test("that throw do so by the event loop, and the others are read", async () => {
    const driver = newDriver();
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const caught = new Promise<unknown>(resolve => process.once("uncaughtException", resolve));
    const bad = source(read => {
      if (read === 1) throw new Error("a bug");
      return false;
    });
    driver.arrived(bad);
    expect(await caught).toMatchObject({ message: "a bug" });
    for (const listener of listeners) process.on("uncaughtException", listener);
    await settled(driver);
    expect(bad.reads).toBeGreaterThan(1);
  });

  test("are not looked for once there are none, without busy polling", async () => {
    const driver = newDriver();
    const lone = source(read => read === 1);
    driver.arrived(lone);
    expect(lone.reads).toBe(2);
    for (let turns = 0; turns < 10; turns++) await turnOfTheLoop();
    expect(lone.reads).toBe(2);
  });

  test("are looked for without being announced, with busy polling", async () => {
    const driver = new Driver({ busyPoll: seconds(3_600) });
    drivers.push(driver);
    const late = source(read => read === 1 || read === 1_000);
    driver.arrived(late);
    while (late.reads < 1_001) await turnOfTheLoop();
  });

  test("are not looked for any more when the time of busy polling has passed", async () => {
    const driver = new Driver({ busyPoll: milliseconds(2) });
    drivers.push(driver);
    const lone = source(read => read === 1);
    driver.arrived(lone);
    expect(lone.reads).toBeGreaterThan(1);
    let before = 0;
    while (lone.reads > before) {
      before = lone.reads;
      await new Promise<void>(resolve => driver.schedule(inMilliseconds(driver, 10), resolve));
    }
  });

  test("what a promise has to say to one comes before the waiting for the next", async () => {
    const driver = new Driver({ busyPoll: seconds(3_600) });
    drivers.push(driver);
    let told: () => void = () => {};
    let readsUntilSaid = 0;
    const request = source(read => {
      if (read === 1) told();
      return read === 1;
    });
    const said = new Promise<void>(resolve => {
      told = resolve;
    }).then(() => {
      readsUntilSaid = request.reads;
    });
    setImmediate(() => driver.arrived(request));
    await said;
    expect(readsUntilSaid).toBeLessThanOrEqual(3);
  });
});

describe("the process", () => {
  /** The timers that keep it alive, before and after. */
  function timersHeld(action: () => void): number {
    const held = () => process.getActiveResourcesInfo().filter(name => name === "Timeout").length;
    const before = held();
    action();
    return held() - before;
  }

  test("is kept alive by a pending task, unless the driver was unreferenced", () => {
    const driver = newDriver();
    expect(timersHeld(() => driver.schedule(inMilliseconds(driver, 50_000), () => {}))).toBe(1);
    expect(timersHeld(() => driver.unref())).toBe(-1);
    expect(timersHeld(() => driver.schedule(inMilliseconds(driver, 20_000), () => {}))).toBe(0);
    expect(timersHeld(() => driver.ref())).toBe(1);
  });

  test("close ends everything: tasks, deadlines, and the timer", async () => {
    const driver = newDriver();
    const node = new Node(() => inMilliseconds(driver, 50_000));
    driver.add(node);
    await settled(driver);
    let ran = false;
    const task = () => {
      ran = true;
    };
    driver.schedule(driver.now(), task);
    expect(timersHeld(() => driver.close())).toBe(-1);
    driver.schedule(driver.now(), task);
    driver.add(node);
    await turnOfTheLoop();
    await turnOfTheLoop();
    expect(ran).toBe(false);
    expect(node.polls).toBe(1);
  });

  test("a task that closes the driver is the last one", async () => {
    const driver = newDriver();
    const order: string[] = [];
    driver.schedule(driver.now(), () => {
      order.push("closes");
      driver.close();
    });
    driver.schedule(driver.now(), () => order.push("after"));
    await turnOfTheLoop();
    await turnOfTheLoop();
    expect(order).toEqual(["closes"]);
  });
});

test("who has tasks ahead carries something", async () => {
  const driver = new Driver();
  expect(driver.isCarrying).toBe(false);
  const done = new Promise<void>(resolve => driver.schedule(driver.now(), resolve));
  expect(driver.isCarrying).toBe(true);
  await done;
  expect(driver.isCarrying).toBe(false);
  driver.close();
});
