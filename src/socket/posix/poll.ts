/** poll(2): the readiness of some descriptors, waited for. */
import type { Scheduler } from "../../base/event-queue.ts";
import { milliseconds } from "../../base/time.ts";
import { POLLERR, POLLHUP, POLLNVAL } from "./constants.ts";
import { type DescriptorTable, MOST_DESCRIPTORS } from "./descriptor-table.ts";
import type { File } from "./file.ts";
import { attemptOrSleep } from "./sleep.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";

/** struct pollfd. */
export interface PollDescriptor {
  readonly fd: number;
  readonly events: number;
  revents: number;
}

/** @param timeout in milliseconds; negative: for ever */
export function pollDescriptors(
  table: DescriptorTable,
  scheduler: Scheduler | undefined,
  descriptors: readonly PollDescriptor[],
  timeout: number,
): SysOutcome {
  if (descriptors.length > MOST_DESCRIPTORS) return fail("EINVAL");
  // The files as they are now: a descriptor that is closed meanwhile does not change what is waited for.
  const files = descriptors.map(({ fd }) => table.get(fd));
  const attempt = (): SysResult | undefined => {
    let count = 0;
    descriptors.forEach((descriptor, at) => {
      descriptor.revents = readiness(descriptor, files[at]);
      if (descriptor.revents !== 0) count++;
    });
    return count > 0 ? succeed(count) : undefined;
  };
  return attemptOrSleep({
    scheduler,
    files: [...new Set(files.filter(file => file !== undefined))],
    attempt,
    timeout: timeout < 0 ? undefined : milliseconds(timeout),
    expired: () => OK,
    survivesClose: true,
  });
}

function readiness(descriptor: PollDescriptor, file: File | undefined): number {
  if (descriptor.fd < 0) return 0;
  if (file === undefined || file.isReleased) return POLLNVAL;
  return file.poll() & (descriptor.events | POLLERR | POLLHUP) & 0xffff;
}
