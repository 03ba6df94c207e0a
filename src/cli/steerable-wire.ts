/**
 * Wires of our own whose faults may be changed while they are in use: as the options have them at first, and
 * then as the inspector's page says. The kernel's wires are as they are, unless the options make them bad.
 */

import type { Wire } from "../inspect/wires.ts";
import { wireOfDevice } from "../inspect/wires.ts";
import type { NetDevice } from "../link/net-device.ts";
import type { Driver } from "../node/driver.ts";
import { FaultGate } from "../sim/fault-gate.ts";
import { type ImpairmentOptions, impairable, impairmentOf } from "./impairment-options.ts";

export class SteerableWires {
  readonly wires: Wire[] = [];
  readonly #options: ImpairmentOptions;

  constructor(options: ImpairmentOptions) {
    this.#options = options;
  }

  /** The near end's device, with the wire that is steered behind it. */
  behind(device: NetDevice, driver: Driver, near: string, far: string): NetDevice {
    const wire = impairable(device, this.#options, driver);
    const nearGate = new FaultGate(wire, driver);
    this.wires.push(wireOfDevice({ name: device.name, near, far, device: wire, nearGate }));
    return nearGate;
  }

  /** Both ends of a wire of ours: single frames can be meant in either direction. */
  between(
    [nearEnd, farEnd]: readonly [NetDevice, NetDevice],
    driver: Driver,
    [near, far]: readonly [string, string],
  ): [NetDevice, NetDevice] {
    const wire = impairable(nearEnd, this.#options, driver);
    const nearGate = new FaultGate(wire, driver);
    const farGate = new FaultGate(farEnd, driver);
    this.wires.push(wireOfDevice({ name: `${near}-${far}`, near, far, device: wire, nearGate, farGate }));
    return [nearGate, farGate];
  }

  /** A device of the kernel's: a bad wire takes its offloads away, so there is one only where asked for. */
  ifBad(device: NetDevice, driver: Driver, near: string, far: string): NetDevice {
    if (impairmentOf(this.#options) === undefined) return device;
    return this.behind(device, driver, near, far);
  }
}
