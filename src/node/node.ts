/**
 * The room's door: Postel on Node, with real time, TUN and TAP devices, and the kernel's sockets on the other
 * side.
 */
export { DeviceError } from "./device-error.ts";
export { type Driven, Driver, type DriverOptions } from "./driver.ts";
export { type StreamSocket, toDuplex } from "./duplex.ts";
export { type Inspection, type InspectOptions, inspect } from "./inspector/inspect.ts";
export { type DialOptions, dial } from "./kernel-dialer.ts";
export { type KernelListener, type ListenOptions, listen } from "./kernel-listener.ts";
export { configureKernelSide, type KernelSide } from "./kernel-side.ts";
export { OperationError } from "./operation-error.ts";
export { openPacketSocket, type PacketSocketOptions } from "./packet-socket.ts";
export { HostPrograms, LivePrograms, type ProgramsOptions, programsOn } from "./programs/host-programs.ts";
export {
  type Queue,
  type QueueGroup,
  type QueueModule,
  type QueueOptions,
  type Stop,
  serveOnQueues,
} from "./queue-group.ts";
export { CryptoRandom } from "./random.ts";
export { type Relay, relay } from "./relay.ts";
export { createSim, type ProgramHostOptions, type Sim, type SimOptions } from "./simulation/create-sim.ts";
export type { ProgramHost } from "./simulation/program-host.ts";
export { nodeTls } from "./tls-provider.ts";
export { openTun, type TunDevice, type TunOptions } from "./tun.ts";
