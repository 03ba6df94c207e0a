/** The room's door, for users of the package: time, luck and failure as every other room takes them. */
export type { DropReason } from "./drop-reason.ts";
export { DropCounters } from "./drop-reason.ts";
export { type ErrorCode, NetError } from "./errors.ts";
export type { Scheduled, Scheduler } from "./event-queue.ts";
export { PacketBuffer } from "./packet-buffer.ts";
export { type Random, SeededRandom } from "./random.ts";
export {
  type Clock,
  type Duration,
  type Instant,
  microseconds,
  milliseconds,
  NEVER,
  seconds,
} from "./time.ts";
