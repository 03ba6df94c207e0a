/**
 * Where a script is played: one host in virtual time, and its device. Script time 0 is an instant of the
 * world's.
 *
 * What the script does at an instant comes before the stack's timers of the same instant: a machine's timers
 * are a little late, never early, and scripts are written for machines.
 */
import { type Duration, type Instant, NEVER, seconds } from "../base/time.ts";
import { Host } from "../host/host.ts";
import { type Driven, World } from "../sim/world.ts";
import type { TcpConfig } from "../tcp/tcp-config.ts";
import { ScriptDevice } from "./script-device.ts";
import type { Settings } from "./settings.ts";

/** Clocks that begin at 0 hide faults. */
const WARM_UP = seconds(100);
const ONE_TICK = 1 as Duration;

export class Stage {
  readonly world: World;
  readonly host: Host;
  readonly device: ScriptDevice;
  /** Runs after each event of the world. */
  afterStep: (() => Promise<void>) | undefined = undefined;
  readonly #origin: Instant;
  readonly #held: HeldHost;

  constructor(settings: Settings, tcp: Partial<TcpConfig>, seed: number) {
    this.world = new World({ seed });
    const { world } = this;
    this.host = new Host({
      clock: world,
      random: world.random.fork(),
      scheduler: world,
      name: "stack",
      tcp: { selfCheck: true, ...tcp },
    });
    this.#held = new HeldHost(this.host);
    world.add(this.#held, "stack");
    this.device = new ScriptDevice(world, settings.mtu);
    this.#join(settings);
    world.runFor(WARM_UP);
    this.device.emitted.length = 0;
    this.#origin = world.now();
  }

  /** Script time, in µs. */
  get now(): number {
    return this.world.now() - this.#origin;
  }

  scriptTime(at: Instant): number {
    return at - this.#origin;
  }

  instantOf(time: number): Instant {
    return (this.#origin + time) as Instant;
  }

  /** Lets all happen that is due now. */
  async settle(): Promise<void> {
    const now = this.world.now();
    while (this.world.step(now)) await this.afterStep?.();
  }

  /** Moves on to a time; the stack's timers of that very time come later. */
  async advanceTo(time: number): Promise<void> {
    const instant = this.instantOf(time);
    if (instant <= this.world.now()) return;
    const before = (instant - ONE_TICK) as Instant;
    while (this.world.step(before)) await this.afterStep?.();
    this.#held.hold();
    this.world.runFor((instant - this.world.now()) as Duration);
    this.#held.release();
    await this.afterStep?.();
  }

  /** Runs until the condition holds, at most until `limit`; answers whether it does. */
  async waitFor(condition: () => boolean, limit: number): Promise<boolean> {
    const end = limit === Number.POSITIVE_INFINITY ? NEVER : this.instantOf(limit);
    while (!condition()) {
      if (this.world.step(end)) {
        await this.afterStep?.();
        continue;
      }
      if (end !== NEVER && end > this.world.now()) this.world.runFor((end - this.world.now()) as Duration);
      return condition();
    }
    return true;
  }

  close(): void {
    this.world.remove(this.#held);
    this.host.close();
  }

  #join({ localAddress, mode }: Settings): void {
    const prefixLength = mode === "ipv6" ? 64 : 16;
    const iface = this.host.attach(this.device, {
      addresses: [{ address: localAddress, prefixLength }],
      duplicateDetection: false,
    });
    this.host.addDefaultRoute(undefined, iface.index, localAddress.family);
  }
}

/** The host, as the world drives it; it can be told to wait. */
class HeldHost implements Driven {
  readonly #host: Host;
  onWork: (() => void) | undefined = undefined;
  #isHeld = false;
  #isOwed = false;

  constructor(host: Host) {
    this.#host = host;
    host.onWork = () => this.onWork?.();
  }

  poll(): Instant {
    if (!this.#isHeld) return this.#host.poll();
    this.#isOwed = true;
    return NEVER;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (!this.#isOwed) return;
    this.#isOwed = false;
    this.onWork?.();
  }
}
