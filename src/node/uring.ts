/**
 * io_uring(7): many reads or writes of one descriptor in one system call. The kernel's queues lie in memory
 * that it shares with us. What may not wait is done within the call that submits it, in its order: nothing is
 * under way between two calls, and no thread of the kernel's is woken.
 *
 * Kernels before 5.6, containers and careful administrators (kernel.io_uring_disabled) refuse it.
 */
import type { Libc } from "./ffi.ts";
import { LITTLE_ENDIAN } from "./interface-request.ts";

const IORING_OFF_SQ_RING = 0;
const IORING_OFF_SQES = 0x1000_0000;
/** Both queues lie in one piece; and position −1 is for what has none, as of Linux 5.6. */
const IORING_FEAT_SINGLE_MMAP = 1;
const IORING_FEAT_RW_CUR_POS = 8;
const FEATURES_NEEDED = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_RW_CUR_POS;
const IORING_OP_READ = 22;
const IORING_OP_WRITE = 23;
/** EAGAIN at once where there is nothing, or no room: else it would stay with the kernel until there is. */
const RWF_NOWAIT = 8;
/** The next one is done after this one, and only if this one is: else it is answered ECANCELED. */
const IOSQE_IO_LINK = 4 << 8;

/** struct io_uring_params, and where in it what is told stands, in words of 32 bits. */
const PARAMS_SIZE = 120;
const FEATURES = 5;
const SUBMISSIONS = { tail: 11, mask: 12, array: 16 } as const;
const COMPLETIONS = { head: 20, tail: 21, mask: 22, entries: 25 } as const;

/** struct io_uring_sqe, in words. */
const SQE_WORDS = 16;
const SQE = { operation: 0, descriptor: 1, offset: 2, address: 4, size: 6, flags: 7, tag: 8 } as const;
/** struct io_uring_cqe, in words. */
const CQE_WORDS = 4;
const CQE = { tag: 0, result: 2 } as const;
const WORD = 2 ** 32;

export class Uring {
  readonly #libc: Libc;
  readonly #descriptor: number;
  /** Both queues, and the entries of the first. */
  readonly #queues: Int32Array<ArrayBuffer>;
  readonly #entries: Int32Array<ArrayBuffer>;
  /** Where things are in `#queues`. */
  readonly #at: Record<"tail" | "head" | "newHead" | "completions", number>;
  readonly #mask: number;
  readonly #completionMask: number;
  #queued = 0;
  #isClosed = false;

  /** Of what `next` told of: its tag, and what read(2) or write(2) would have answered, or −errno. */
  tag = 0;
  result = 0;

  private constructor(
    libc: Libc,
    descriptor: number,
    params: Uint32Array,
    queues: ArrayBuffer,
    entries: ArrayBuffer,
  ) {
    const wordOf = (field: number): number => (params[field] as number) >> 2;
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#queues = new Int32Array(queues);
    this.#entries = new Int32Array(entries);
    this.#at = {
      tail: wordOf(SUBMISSIONS.tail),
      head: wordOf(COMPLETIONS.head),
      newHead: wordOf(COMPLETIONS.tail),
      completions: wordOf(COMPLETIONS.entries),
    };
    this.#mask = this.#queues[wordOf(SUBMISSIONS.mask)] as number;
    this.#completionMask = this.#queues[wordOf(COMPLETIONS.mask)] as number;
    // Entries are used in turn: said once and for all.
    const array = wordOf(SUBMISSIONS.array);
    for (let i = 0; i <= this.#mask; i++) this.#queues[array + i] = i;
  }

  /** For so many at a time, a power of two. Undefined: the kernel has none for us. */
  static open(libc: Libc, count: number): Uring | undefined {
    if (!LITTLE_ENDIAN || libc.pointerSize !== 8) return undefined;
    const params = new Uint32Array(PARAMS_SIZE / 4);
    const descriptor = libc.uringSetup(count, params);
    if (descriptor < 0) return undefined;
    const queuesEnd = (params[SUBMISSIONS.array] as number) + 4 * (params[0] as number);
    const completionsEnd = (params[COMPLETIONS.entries] as number) + 4 * CQE_WORDS * (params[1] as number);
    const isAble = ((params[FEATURES] as number) & FEATURES_NEEDED) === FEATURES_NEEDED;
    const queues = isAble
      ? libc.share(descriptor, IORING_OFF_SQ_RING, Math.max(queuesEnd, completionsEnd))
      : undefined;
    const entries = libc.share(descriptor, IORING_OFF_SQES, 4 * SQE_WORDS * (params[0] as number));
    if (queues !== undefined && entries !== undefined) {
      return new Uring(libc, descriptor, params, queues, entries);
    }
    for (const memory of [queues, entries]) if (memory !== undefined) libc.unshare(memory);
    libc.close(descriptor);
    return undefined;
  }

  /** Adds a read to what `submit` does. `tag` comes back with its result. */
  read(descriptor: number, address: number, size: number, tag: number): void {
    this.#add(IORING_OP_READ, descriptor, address, size, tag);
  }

  /** Adds a write likewise. `isLinked`: if it fails, those after it are not to be done. */
  write(descriptor: number, address: number, size: number, tag: number, isLinked: boolean): void {
    this.#add(isLinked ? IORING_OP_WRITE | IOSQE_IO_LINK : IORING_OP_WRITE, descriptor, address, size, tag);
  }

  /** Does what was added. What the kernel does not even begin, for want of memory, is forgotten. */
  submit(): void {
    if (this.#isClosed) return;
    const { tail } = this.#at;
    const count = this.#queued;
    const before = this.#queues[tail] as number;
    this.#queued = 0;
    Atomics.store(this.#queues, tail, before + count);
    const begun = this.#libc.uringEnter(this.#descriptor, count);
    if (begun < count) Atomics.store(this.#queues, tail, before + Math.max(0, begun));
  }

  /** Goes on to the next one that is done. False: there is none. */
  next(): boolean {
    if (this.#isClosed) return false;
    const queues = this.#queues;
    const { head, newHead, completions } = this.#at;
    const index = queues[head] as number;
    if (index === Atomics.load(queues, newHead)) return false;
    const at = completions + (index & this.#completionMask) * CQE_WORDS;
    this.tag = queues[at + CQE.tag] as number;
    this.result = queues[at + CQE.result] as number;
    Atomics.store(queues, head, index + 1);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#libc.unshare(this.#queues.buffer);
    this.#libc.unshare(this.#entries.buffer);
    this.#libc.close(this.#descriptor);
  }

  /** @param operation and from its second byte on, flags */
  #add(operation: number, descriptor: number, address: number, size: number, tag: number): void {
    if (this.#isClosed) return;
    const entries = this.#entries;
    const tail = (this.#queues[this.#at.tail] as number) + this.#queued++;
    const at = (tail & this.#mask) * SQE_WORDS;
    entries[at + SQE.operation] = operation;
    entries[at + SQE.descriptor] = descriptor;
    // No position: −1, in both of its words.
    entries[at + SQE.offset] = -1;
    entries[at + SQE.offset + 1] = -1;
    const high = Math.floor(address / WORD);
    entries[at + SQE.address] = address - high * WORD;
    entries[at + SQE.address + 1] = high;
    entries[at + SQE.size] = size;
    entries[at + SQE.flags] = RWF_NOWAIT;
    entries[at + SQE.tag] = tag;
  }
}
