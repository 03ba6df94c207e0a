/**
 * Links of a simulated network: two devices for two hosts, with a wire between them that can be made bad,
 * cut and looked at.
 *
 *   host a — tap — fault gate — impairment (a→b) — wire — impairment (b→a) — fault gate — tap — host b
 */
import { type Impairment, impair } from "../link/impair.ts";
import type { Medium, NetDevice } from "../link/net-device.ts";
import { createPair } from "../link/pair.ts";
import { tap } from "../link/tap.ts";
import { FaultGate } from "./fault-gate.ts";
import type { FaultyLink, LinkDirection } from "./faults.ts";
import type { Trace } from "./trace.ts";
import type { World } from "./world.ts";

export interface LinkOptions {
  /** Who is at either end; the devices are named `a-b` and `b-a` after them. */
  readonly ends?: readonly [string, string] | undefined;
  readonly medium?: Medium | undefined;
  readonly mtu?: number | undefined;
  readonly queueLimit?: number | undefined;
  readonly aToB?: Impairment | undefined;
  readonly bToA?: Impairment | undefined;
  /** Where the frames of the link are put down, at both ends. */
  readonly trace?: Trace | undefined;
}

export interface Link extends FaultyLink {
  /** For the hosts at either end. */
  readonly a: NetDevice;
  readonly b: NetDevice;
}

export function connect(world: World, options: LinkOptions = {}): Link {
  const [endA, endB] = options.ends ?? ["a", "b"];
  const names = [`${endA}-${endB}`, `${endB}-${endA}`] as const;
  const { medium, mtu, queueLimit, trace } = options;
  const [wireA, wireB] = createPair(world, { medium, mtu, queueLimit, names });
  const aToB = direction(world, wireA, options.aToB);
  const bToA = direction(world, wireB, options.bToA);
  const traced = (device: NetDevice): NetDevice =>
    trace === undefined ? device : tap(device, trace.observer(device.name));
  const setCut = (cut: boolean): void => {
    aToB.gate.isCut = cut;
    bToA.gate.isCut = cut;
  };
  return {
    name: names[0],
    ends: [endA, endB],
    a: traced(aToB.gate),
    b: traced(bToA.gate),
    aToB,
    bToA,
    cut: () => setCut(true),
    heal: () => setCut(false),
  };
}

function direction(world: World, device: NetDevice, transmit: Impairment | undefined): LinkDirection {
  const wire = impair(device, { scheduler: world, random: world.random.fork(), transmit });
  return { gate: new FaultGate(wire, world), wire };
}
