/** File descriptors: small numbers, the lowest free one first; each with its close-on-exec flag. */
import type { File } from "./file.ts";

/** 0, 1 and 2 are a program's standard streams. */
const FIRST = 3;
/** RLIMIT_NOFILE as most systems set it. */
export const MOST_DESCRIPTORS = 1024;

interface Slot {
  readonly file: File;
  closeOnExec: boolean;
}

export class DescriptorTable {
  readonly #slots: Array<Slot | undefined> = [];

  /** Open descriptors. */
  get size(): number {
    return this.#slots.reduce(count => count + 1, 0);
  }

  /** The lowest free descriptor from `from` on becomes one of the file; undefined when all are taken. */
  allocate(file: File, closeOnExec: boolean, from = FIRST): number | undefined {
    let fd = Math.max(from, FIRST);
    while (this.#slots[fd] !== undefined) fd++;
    if (fd >= MOST_DESCRIPTORS) return undefined;
    this.place(fd, file, closeOnExec);
    return fd;
  }

  /** Whether `count` more descriptors can be had. */
  hasRoomFor(count: number): boolean {
    return this.size + count <= MOST_DESCRIPTORS - FIRST;
  }

  /** Puts the file under this very descriptor, which must be free. */
  place(fd: number, file: File, closeOnExec: boolean): void {
    file.acquire();
    this.#slots[fd] = { file, closeOnExec };
  }

  get(fd: number): File | undefined {
    return this.#slots[fd]?.file;
  }

  closesOnExec(fd: number): boolean {
    return this.#slots[fd]?.closeOnExec ?? false;
  }

  setCloseOnExec(fd: number, on: boolean): void {
    const slot = this.#slots[fd];
    if (slot !== undefined) slot.closeOnExec = on;
  }

  /** Frees the descriptor; the file is still to be dropped. */
  remove(fd: number): File | undefined {
    const slot = this.#slots[fd];
    if (slot !== undefined) delete this.#slots[fd];
    return slot?.file;
  }

  /** Open descriptors, in order. */
  descriptors(): number[] {
    return this.#slots.flatMap((slot, fd) => (slot === undefined ? [] : [fd]));
  }
}
