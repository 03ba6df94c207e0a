/**
 * One performance of a scene: a world of its own, made from the scene and a seed. The same seed gives the
 * same performance, event by event, as long as nobody interferes.
 */
import { type Duration, type Instant, instantAfter } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { Link } from "../sim/topology.ts";
import type { Trace } from "../sim/trace.ts";
import { World } from "../sim/world.ts";
import type { Play, Scene } from "./scene.ts";
import { PATIENCE, Stage } from "./stage.ts";

export interface PerformanceOptions {
  /** The scene's own if not given. */
  readonly seed?: number | undefined;
  /** Every TCB is looked at after each event: for tests. */
  readonly selfCheck?: boolean | undefined;
  /** Where the frames on the links are put down, given the world that is its clock. */
  readonly trace?: ((world: World) => Trace) | undefined;
  /** Told of each remark, by its number, as it is due. */
  readonly onRemark?: ((remark: number, at: Instant) => void) | undefined;
}

export class Performance {
  readonly scene: Scene;
  readonly world: World;
  /** The numbers of the remarks that have been told. */
  readonly told: number[] = [];
  readonly #stage: Stage;
  readonly #play: Play;
  readonly #onRemark: PerformanceOptions["onRemark"];
  /** Those that are still to come. */
  #moments: Array<{ readonly remark: number; readonly isNow: () => boolean }>;
  #isEnding = false;
  #endedAt: Instant | undefined = undefined;

  constructor(scene: Scene, options: PerformanceOptions = {}) {
    this.scene = scene;
    this.world = new World({ seed: options.seed ?? scene.description.seed });
    this.#onRemark = options.onRemark;
    const trace = options.trace?.(this.world);
    this.#stage = new Stage(this.world, { selfCheck: options.selfCheck ?? false, trace });
    this.#play = scene.play(this.#stage);
    const { moments } = this.#play;
    this.#moments = Object.keys(scene.description.remarks).map((name, remark) => ({
      remark,
      isNow: moments[name] ?? (() => false),
    }));
    this.world.afterEvent(() => this.#tell());
  }

  get seed(): number {
    return this.world.seed;
  }

  get hosts(): readonly Host[] {
    return this.#stage.hosts;
  }

  get links(): readonly Link[] {
    return this.#stage.links;
  }

  /** When it was over; undefined: it is not. */
  get endedAt(): Instant | undefined {
    return this.#endedAt;
  }

  /** The next event happens. False: there is none by `limit`. */
  step(limit?: Instant): boolean {
    return this.world.step(limit);
  }

  /** All of it, at once. */
  run(): void {
    while (this.#endedAt === undefined && this.world.step(PATIENCE as number as Instant));
  }

  #tell(): void {
    for (const { remark, isNow } of this.#moments) {
      if (!isNow()) continue;
      this.#moments = this.#moments.filter(other => other.remark !== remark);
      this.told.push(remark);
      this.#onRemark?.(remark, this.world.now());
    }
    if (!this.#isEnding && this.#play.isOver()) this.#end();
  }

  /** What is on the wires may still arrive. */
  #end(): void {
    this.#isEnding = true;
    const ways = this.links.flatMap(({ aToB, bToA }) => [aToB, bToA]);
    const longest = Math.max(...ways.map(({ wire }) => wire.transmitImpairment.delay ?? 0));
    this.world.schedule(instantAfter(this.world.now(), longest as Duration), () => {
      this.#endedAt = this.world.now();
    });
  }
}
