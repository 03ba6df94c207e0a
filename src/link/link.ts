/** The room's door, for users of the package: devices, and what can be put around them. */
export { Bridge } from "./bridge.ts";
export { complianceChecks } from "./compliance.ts";
export { type ImpairedDevice, type Impairment, impair } from "./impair.ts";
export { createLoopback } from "./loopback.ts";
export type { DeviceCounters, FrameSink, Medium, NetDevice, Offload } from "./net-device.ts";
export { NO_OFFLOAD, newDeviceCounters } from "./net-device.ts";
export { createPair } from "./pair.ts";
export { segmentation } from "./segmentation.ts";
export { type FrameObserver, tap } from "./tap.ts";
export { VirtualTime } from "./virtual-time.ts";
export { VlanTrunk, vlan } from "./vlan.ts";
export type { WireFault, WireFaultObserver, WireFaults } from "./wire-faults.ts";
