/** Simulations under the control of a page: time, wires, replay. */
import { describe, expect, test } from "vitest";
import { MemoryPage, type Said } from "../../test/support/memory-page.ts";
import { type Duration, milliseconds, seconds } from "../base/time.ts";
import { remarksOf, SCENES, type Scene, sceneNamed } from "../scenes/scenes.ts";
import type { Control } from "./protocol.ts";
import type { Simulation } from "./simulation.ts";
import { simulationOfScene } from "./simulation-of-scene.ts";

/** A page that plays with a simulation. */
class PlayingPage extends MemoryPage {
  get clock(): Said<"clock"> {
    return this.last("clock");
  }

  get remarks(): number[] {
    return this.all("events")
      .flatMap(({ events }) => events)
      .flatMap(event => (event.name === "scene:remark" ? [event.data.remark] : []));
  }

  does(control: Control extends infer C ? (C extends Control ? Omit<C, "type"> : never) : never): void {
    this.onMessage?.({ type: "control", ...control } as Control);
  }
}

const FRAME = milliseconds(16);

function opened(id: string, seed?: number): { readonly page: PlayingPage; readonly simulation: Simulation } {
  const simulation = simulationOfScene(sceneNamed(id) as Scene, seed);
  const page = new PlayingPage();
  simulation.join(page);
  return { page, simulation };
}

/** Real time passes, a picture after the other. */
function pass(simulation: Simulation, time: Duration): void {
  for (let passed = 0; passed < time; passed += FRAME) simulation.advance(FRAME);
}

describe("time", () => {
  test("passes at the scene's speed, between the events as well", () => {
    const { page, simulation } = opened("three-way-handshake");
    expect(page.last("hello")).toMatchObject({
      kind: "simulation",
      scene: "three-way-handshake",
      seed: 1,
      abilities: { time: true, links: true },
    });
    expect(page.clock).toMatchObject({ state: "running", now: 0, speed: 0.1 });
    pass(simulation, seconds(0.8));
    expect(page.clock.now).toBeGreaterThan(milliseconds(70));
    expect(page.clock.now).toBeLessThanOrEqual(milliseconds(80));
  });

  test("is held, goes on by one event, and resumes", () => {
    const { page, simulation } = opened("three-way-handshake");
    page.does({ action: "pause" });
    pass(simulation, seconds(5));
    expect(page.clock).toMatchObject({ state: "paused", now: 0 });
    const { events } = page.clock;
    page.does({ action: "step" });
    expect(page.clock).toMatchObject({ state: "paused", events: events + 1 });
    while (page.clock.now === 0) page.does({ action: "step" });
    expect(page.clock.now).toBe(milliseconds(100));
    page.does({ action: "resume" });
    pass(simulation, seconds(1));
    expect(page.clock.state).toBe("running");
    expect(page.clock.now).toBeGreaterThan(milliseconds(150));
  });

  test("a new speed counts at once", () => {
    const { page, simulation } = opened("congestion-control");
    page.does({ action: "speed", speed: 0.001 });
    pass(simulation, seconds(1));
    expect(page.clock).toMatchObject({ speed: 0.001 });
    expect(page.clock.now).toBeLessThanOrEqual(milliseconds(1.1));
  });

  test("however fast, an advance does a bounded number of events", () => {
    const { page, simulation } = opened("congestion-control");
    page.does({ action: "speed", speed: 1_000 });
    let before = page.clock.events;
    for (let i = 0; i < 20; i++) {
      simulation.advance(seconds(10));
      const { events } = simulation.clock;
      expect(events - before).toBeLessThanOrEqual(1_000);
      before = events;
    }
    expect(simulation.clock.now).toBeGreaterThan(seconds(1));
  });

  test("a minute of silence is not waited for", () => {
    const { page, simulation } = opened("four-segment-close");
    page.does({ action: "speed", speed: 1 });
    pass(simulation, seconds(8));
    expect(page.clock).toMatchObject({ state: "ended" });
    expect(page.clock.now).toBeGreaterThan(seconds(60));
  });

  test("stands still for a page that does not keep up", () => {
    const { page, simulation } = opened("three-way-handshake");
    page.waiting = 1 << 20;
    pass(simulation, seconds(1));
    expect(simulation.clock.now).toBe(0);
    page.waiting = 0;
    pass(simulation, seconds(1));
    expect(simulation.clock.now).toBeGreaterThan(0);
  });

  test("a page that keeps up now and then hears of the end, and misses no event", () => {
    const { page: quick, simulation: free } = opened("congestion-control");
    const { page: slow, simulation: held } = opened("congestion-control");
    for (const page of [quick, slow]) {
      page.does({ action: "speed", speed: 1_000 });
      page.onMessage?.({ type: "watch", connections: [1, 2] });
    }
    // A message weighs; the page takes all of them at once, but seldom.
    const send = slow.send.bind(slow);
    slow.send = message => {
      slow.waiting += 1 << 16;
      send(message);
    };
    for (let frames = 0; free.clock.state === "running" && frames < 5_000; frames++) free.advance(FRAME);
    free.advance(seconds(0.1));
    for (let frames = 0; held.clock.state === "running" && frames < 20_000; frames++) {
      held.advance(FRAME);
      if (frames % 3 === 0) slow.waiting = 0;
    }
    slow.waiting = 0;
    for (let i = 0; i < 10; i++, slow.waiting = 0) held.advance(seconds(0.1));
    const told = (page: PlayingPage) => page.all("events").flatMap(({ events }) => events);
    expect(slow.clock).toMatchObject({ state: "ended", events: quick.clock.events });
    expect(told(slow).length).toBe(told(quick).length);
    expect(told(slow).some(({ name }) => name === "trace:skipped")).toBe(false);
  });

  test("nothing left to happen is said", () => {
    const { page, simulation } = opened("simultaneous");
    page.does({ action: "speed", speed: 100 });
    while (simulation.clock.next !== undefined) {
      pass(simulation, seconds(1));
      if (simulation.clock.state === "ended" && simulation.clock.next !== undefined)
        page.does({ action: "resume" });
    }
    expect(page.clock.state).toBe("ended");
    for (const action of ["resume", "step"] as const) {
      page.said = [];
      page.does({ action });
      expect(page.last("trouble").sentence).toMatch(/^Nothing is left to happen/);
    }
  });
});

describe("a scene on the page", () => {
  test.each(SCENES.map(scene => [scene.description.id, scene] as const))(
    "%s: ends at speed, with every remark in order, and goes on if wanted",
    (id, scene) => {
      const { page, simulation } = opened(id);
      page.does({ action: "speed", speed: 20 });
      for (let frames = 0; simulation.clock.state === "running" && frames < 20_000; frames++)
        simulation.advance(FRAME);
      simulation.advance(FRAME);
      expect(page.clock.state).toBe("ended");
      expect(page.remarks).toEqual(remarksOf(scene.description).map((_, number) => number));
      expect(page.all("trouble")).toEqual([]);
      expect(page.all("rows").length).toBeGreaterThan(0);
      if (simulation.clock.next === undefined) return;
      page.does({ action: "resume" });
      const { events } = simulation.clock;
      page.does({ action: "step" });
      expect(simulation.clock).toMatchObject({ state: "paused", events: events + 1 });
    },
  );

  test("the pictures of a page change nothing: the run is the one without a page", () => {
    const { simulation } = opened("zero-window");
    const { page, simulation: watched } = opened("zero-window");
    page.onMessage?.({ type: "watch", connections: [1, 2] });
    page.onMessage?.({ type: "watch-packets", on: true, filter: "tcp" });
    pass(simulation, seconds(30));
    pass(watched, seconds(30));
    expect(watched.clock).toEqual(simulation.clock);
    expect(page.all("packets").flatMap(({ packets }) => packets).length).toBeGreaterThan(20);
  });
});

describe("wires", () => {
  test("are told, and changed; what is dropped counts in what follows", () => {
    const { page, simulation } = opened("three-way-handshake");
    pass(simulation, milliseconds(100));
    const [link] = page.last("links").links;
    const [out, back] = link?.directions ?? [];
    expect([out?.id, back?.id]).toEqual(["client → server", "server → client"]);
    expect(out?.delay).toBe(milliseconds(150));
    page.does({ action: "impair", direction: "client → server", delay: milliseconds(300), loss: 0.5 });
    pass(simulation, milliseconds(100));
    expect(page.last("links").links[0]?.directions[0]).toMatchObject({
      delay: milliseconds(300),
      loss: 0.5,
    });
    page.does({ action: "impair", direction: "client → server", loss: 0 });
    page.does({ action: "drop-next", direction: "client → server" });
    page.does({ action: "speed", speed: 1 });
    pass(simulation, seconds(1.05));
    // The SYN was lost; its repetition comes after a second.
    expect(page.last("rows").rows[0]).toMatchObject({ state: "SYN-SENT" });
    pass(simulation, seconds(2));
    expect(page.remarks).toContain(4);
  });

  test("what they take is told, of the end that has sent it", () => {
    const { page, simulation } = opened("lost-third-ack");
    page.onMessage?.({ type: "watch", connections: [1] });
    pass(simulation, seconds(3));
    const told = page.all("events").flatMap(({ events }) => events);
    const lost = told.find(({ name }) => name === "link:lost");
    expect(lost).toMatchObject({ connection: 1, host: "client", data: { flags: "ACK", fault: "lost" } });
  });

  test("one segment is delayed", () => {
    const { page, simulation } = opened("three-way-handshake");
    page.does({ action: "delay-next", direction: "client → server", delay: milliseconds(400) });
    page.does({ action: "speed", speed: 1 });
    pass(simulation, milliseconds(600));
    expect(page.remarks).toEqual([0]);
    pass(simulation, milliseconds(150));
    expect(page.remarks).toEqual([0, 1]);
    pass(simulation, milliseconds(300));
    expect(page.remarks).toContain(2);
  });
});

describe("replay", () => {
  test("begins anew, without what was done, on the same channel", () => {
    const { page, simulation } = opened("three-way-handshake");
    page.does({ action: "impair", direction: "client → server", isCut: true });
    pass(simulation, seconds(2));
    page.said = [];
    page.does({ action: "replay", seed: 7 });
    expect(page.said[0]).toMatchObject({ type: "hello", seed: 7 });
    pass(simulation, seconds(30));
    expect(page.clock.state).toBe("ended");
    expect(page.last("links").links[0]?.directions[0]?.isCut).toBe(false);
    expect(page.all("events")[0]?.events[0]?.time).toBeLessThan(milliseconds(200));
  });

  test("a page that has left is told no more", () => {
    const { page, simulation } = opened("three-way-handshake");
    page.close();
    page.said = [];
    pass(simulation, seconds(1));
    expect(page.said).toEqual([]);
  });
});

test("a failed simulation says so, and stands", () => {
  const scene = sceneNamed("three-way-handshake") as Scene;
  const broken: Scene = {
    ...scene,
    play: stage => {
      stage.at(milliseconds(1), () => {
        throw new Error("no such luck");
      });
      return scene.play(stage);
    },
  };
  const simulation = simulationOfScene(broken);
  const page = new PlayingPage();
  simulation.join(page);
  pass(simulation, seconds(1));
  expect(page.last("trouble").sentence).toMatch(/^The simulation has failed: no such luck \(seed 1, at /);
  expect(page.clock.state).toBe("ended");
});
