/** select(2): three sets of descriptors, of which those that are ready stay. */
import type { Scheduler } from "../../base/event-queue.ts";
import type { Duration } from "../../base/time.ts";
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "./constants.ts";
import type { DescriptorTable } from "./descriptor-table.ts";
import type { File } from "./file.ts";
import { attemptOrSleep } from "./sleep.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";

export type DescriptorSet = Set<number>;

/** Linux's POLLIN_SET, POLLOUT_SET and POLLEX_SET. */
const READABLE = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const WRITABLE = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const EXCEPTIONAL = POLLPRI;

export interface SelectSets {
  readonly read: DescriptorSet | null;
  readonly write: DescriptorSet | null;
  readonly except: DescriptorSet | null;
}

interface Wanted {
  readonly set: DescriptorSet;
  readonly fd: number;
  readonly file: File;
  readonly mask: number;
}

/** @param timeout undefined: for ever */
export function selectDescriptors(
  table: DescriptorTable,
  scheduler: Scheduler | undefined,
  count: number,
  sets: SelectSets,
  timeout: Duration | undefined,
): SysOutcome {
  if (count < 0 || (timeout !== undefined && timeout < 0)) return fail("EINVAL");
  const wanted: Wanted[] = [];
  for (const [set, mask] of [
    [sets.read, READABLE],
    [sets.write, WRITABLE],
    [sets.except, EXCEPTIONAL],
  ] as const) {
    for (const fd of set ?? []) {
      if (fd >= count) continue;
      const file = table.get(fd);
      if (file === undefined) return fail("EBADF");
      wanted.push({ set: set as DescriptorSet, fd, file, mask });
    }
  }
  const finish = (ready: readonly Wanted[]): SysResult => {
    for (const set of [sets.read, sets.write, sets.except]) set?.clear();
    for (const { set, fd } of ready) set.add(fd);
    return succeed(ready.length);
  };
  const attempt = (): SysResult | undefined => {
    const ready = wanted.filter(({ file, mask }) => (file.poll() & mask) !== 0);
    return ready.length > 0 ? finish(ready) : undefined;
  };
  const files = [...new Set(wanted.map(({ file }) => file))];
  const expired = (): SysResult => {
    finish([]);
    return OK;
  };
  return attemptOrSleep({ scheduler, files, attempt, timeout, expired });
}
