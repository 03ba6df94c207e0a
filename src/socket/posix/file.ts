/**
 * What a descriptor stands for: Linux's open file description. Descriptors made by `dup` share it, its
 * O_NONBLOCK and its position; it is released with the last of them.
 */
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_WRONLY, WAKE_ALL } from "./constants.ts";
import { fail, OK, type SysOutcome, type SysResult } from "./sys-result.ts";
import type { UserMemory } from "./user-memory.ts";
import { WaitQueue } from "./wait-queue.ts";

/** An int that a call reads or writes through a pointer. */
export interface IntReference {
  value: number;
}

export abstract class File {
  readonly waiters = new WaitQueue();
  /** O_ flags: the access mode and those that F_SETFL may change. */
  flags: number;
  isReleased = false;
  /** Called once, when the file is released: epoll forgets it. */
  readonly onRelease = new Set<() => void>();
  #references = 0;

  constructor(flags: number) {
    this.flags = flags;
  }

  get isNonBlocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }

  get isReadable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY;
  }

  get isWritable(): boolean {
    return (this.flags & O_ACCMODE) !== O_RDONLY;
  }

  /** May an epoll instance watch it? Regular files have no readiness of their own. */
  get isPollable(): boolean {
    return true;
  }

  /** Its readiness now, as POLL bits. */
  abstract poll(): number;

  read(_memory: UserMemory): SysOutcome {
    return fail("EINVAL");
  }

  write(_memory: UserMemory): SysOutcome {
    return fail("EINVAL");
  }

  ioctl(_request: number, _argument: IntReference | null): SysResult {
    return fail("ENOTTY");
  }

  /** The last descriptor is gone. A socket that lingers answers later. */
  protected abstract release(): SysOutcome;

  acquire(): void {
    this.#references++;
  }

  /** One descriptor less. */
  drop(): SysOutcome {
    if (--this.#references > 0) return OK;
    this.isReleased = true;
    const outcome = this.release();
    for (const tell of this.onRelease) tell();
    this.onRelease.clear();
    this.waiters.wake(WAKE_ALL);
    return outcome;
  }
}
