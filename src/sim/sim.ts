/** The room's door: simulated networks in virtual time. */
export { SimulationFailure } from "./failure.ts";
export { FaultGate, type FrameMatcher } from "./fault-gate.ts";
export { Faults } from "./faults.ts";
export { type Invariant, Invariants } from "./invariants.ts";
export { shrink, shrinkAsync } from "./shrink.ts";
export { addHost, type SimHostOptions, type TwoHosts, twoHosts } from "./sim-host.ts";
export { connect, type Link, type LinkOptions } from "./topology.ts";
export { Trace } from "./trace.ts";
export { World, type WorldOptions } from "./world.ts";
