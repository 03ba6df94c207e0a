/**
 * Pipes, as in Linux's fs/pipe.c: a ring of 16 slots of a page. A write's odd bytes join the last page if
 * they fit, all else takes slots of its own, which is what makes writes of up to a page (PIPE_BUF) whole.
 */
import type { Scheduler } from "../../base/event-queue.ts";
import {
  FIONREAD,
  O_RDONLY,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  WAKE_ALL,
  WAKE_READABLE,
  WAKE_WRITABLE,
} from "./constants.ts";
import { File, type IntReference } from "./file.ts";
import { attemptOrSleep } from "./sleep.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import type { UserMemory } from "./user-memory.ts";

export const PAGE_SIZE = 4_096;
const DEFAULT_SLOTS = 16;
/** fs.pipe-max-size. */
const LARGEST_SIZE = 1 << 20;

interface Slot {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/** What the two ends share. */
export class Pipe {
  readonly #slots: Slot[] = [];
  #limit = DEFAULT_SLOTS;
  readonly reader: PipeEnd;
  readonly writer: PipeEnd;

  constructor(scheduler: Scheduler | undefined, flags: number) {
    this.reader = new PipeEnd(this, scheduler, flags | O_RDONLY);
    this.writer = new PipeEnd(this, scheduler, flags | O_WRONLY);
  }

  get length(): number {
    return this.#slots.reduce((sum, slot) => sum + slot.end - slot.start, 0);
  }

  get isFull(): boolean {
    return this.#slots.length >= this.#limit;
  }

  get freeSlots(): number {
    return Math.max(0, this.#limit - this.#slots.length);
  }

  get size(): number {
    return this.#limit * PAGE_SIZE;
  }

  /** F_SETPIPE_SZ: the next power of two pages. */
  resize(size: number): SysResult {
    if (size < 0) return fail("EINVAL");
    let slots = 1;
    while (slots * PAGE_SIZE < size) slots *= 2;
    if (slots * PAGE_SIZE > LARGEST_SIZE) return fail("EPERM");
    if (slots < this.#slots.length) return fail("EBUSY");
    this.#limit = slots;
    this.writer.waiters.wake(WAKE_WRITABLE);
    return succeed(this.size);
  }

  /** Takes as much of the memory from `at` on as there is room for; undefined is a fault. */
  append(memory: UserMemory, at: number): number | undefined {
    const rest = memory.length - at;
    let taken = this.#join(memory, at, rest % PAGE_SIZE);
    if (taken === undefined) return undefined;
    while (taken < rest && !this.isFull) {
      const bytes = new Uint8Array(PAGE_SIZE);
      const count = copyFrom(memory, at + taken, bytes.subarray(0, Math.min(PAGE_SIZE, rest - taken)));
      if (count === undefined) return taken > 0 ? taken : undefined;
      this.#slots.push({ bytes, start: 0, end: count });
      taken += count;
    }
    return taken;
  }

  /** A slot of its own, for splice: there must be a free one. */
  insert(bytes: Uint8Array): void {
    this.#slots.push({ bytes, start: 0, end: bytes.length });
    this.reader.waiters.wake(WAKE_READABLE);
  }

  /** The oldest bytes that lie together. */
  get front(): Uint8Array | undefined {
    const slot = this.#slots[0];
    return slot?.bytes.subarray(slot.start, slot.end);
  }

  drop(count: number): void {
    const slot = this.#slots[0];
    if (slot === undefined) return;
    slot.start += count;
    if (slot.start === slot.end) this.#slots.shift();
    this.writer.waiters.wake(WAKE_WRITABLE);
  }

  #join(memory: UserMemory, at: number, count: number): number | undefined {
    const last = this.#slots.at(-1);
    if (count === 0 || last === undefined || last.bytes.length !== PAGE_SIZE) return 0;
    if (last.end + count > PAGE_SIZE) return 0;
    const copied = copyFrom(memory, at, last.bytes.subarray(last.end, last.end + count));
    if (copied !== undefined) last.end += copied;
    return copied;
  }
}

function copyFrom(memory: UserMemory, at: number, target: Uint8Array): number | undefined {
  for (let done = 0; done < target.length; ) {
    const run = memory.run(at + done, target.length - done);
    if (run === undefined) return undefined;
    target.set(run, done);
    done += run.length;
  }
  return target.length;
}

export class PipeEnd extends File {
  readonly pipe: Pipe;
  readonly #scheduler: Scheduler | undefined;

  constructor(pipe: Pipe, scheduler: Scheduler | undefined, flags: number) {
    super(flags);
    this.pipe = pipe;
    this.#scheduler = scheduler;
  }

  get other(): PipeEnd {
    return this === this.pipe.reader ? this.pipe.writer : this.pipe.reader;
  }

  override poll(): number {
    const { pipe, other } = this;
    if (this === pipe.reader) {
      return (pipe.length > 0 ? POLLIN | POLLRDNORM : 0) | (other.isReleased ? POLLHUP : 0);
    }
    return (pipe.isFull ? 0 : POLLOUT | POLLWRNORM) | (other.isReleased ? POLLERR : 0);
  }

  override read(memory: UserMemory): SysOutcome {
    if (memory.length === 0) return OK;
    return this.#sleep(() => {
      if (this.pipe.length > 0) return this.#take(memory);
      if (this.other.isReleased) return OK;
      return this.isNonBlocking ? fail("EAGAIN") : undefined;
    });
  }

  override write(memory: UserMemory): SysOutcome {
    if (memory.length === 0) return OK;
    let done = 0;
    return this.#sleep(() => {
      if (this.other.isReleased) return done > 0 ? succeed(done) : fail("EPIPE");
      const taken = this.pipe.append(memory, done);
      if (taken === undefined) return done > 0 ? succeed(done) : fail("EFAULT");
      done += taken;
      if (taken > 0) this.other.waiters.wake(WAKE_READABLE);
      if (done === memory.length) return succeed(done);
      if (!this.isNonBlocking) return undefined;
      return done > 0 ? succeed(done) : fail("EAGAIN");
    });
  }

  override ioctl(request: number, argument: IntReference | null): SysResult {
    if (request !== FIONREAD) return fail("ENOTTY");
    if (argument === null) return fail("EFAULT");
    argument.value = this.pipe.length;
    return OK;
  }

  protected override release(): SysOutcome {
    this.other.waiters.wake(WAKE_ALL);
    return OK;
  }

  #take(memory: UserMemory): SysResult {
    let done = 0;
    for (let front = this.pipe.front; front !== undefined && done < memory.length; front = this.pipe.front) {
      const count = memory.put(done, front.subarray(0, memory.length - done));
      if (count === 0) return done > 0 ? succeed(done) : fail("EFAULT");
      this.pipe.drop(count);
      done += count;
    }
    return succeed(done);
  }

  #sleep(attempt: () => SysResult | undefined): SysOutcome {
    const expired = (): SysResult => fail("EAGAIN");
    return attemptOrSleep({
      scheduler: this.#scheduler,
      files: [this],
      attempt,
      timeout: undefined,
      expired,
    });
  }
}
