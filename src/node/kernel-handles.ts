/**
 * Sockets of the kernel in a program whose `net` and `dgram` lie on our stack (node/handles): the way out of
 * it, for the gate and for published ports. Where nothing was exchanged, all sockets are the kernel's anyway.
 *
 * The preload is bundled: a program that imports the package besides has two copies of this file, and what
 * one wants the other has to know.
 */

const WANTED = Symbol.for("@postel/stack: handles of the kernel are wanted");

const shared = globalThis as { [WANTED]?: boolean };

/** Whether handles that are made now are to be the kernel's. */
export function kernelHandleIsWanted(): boolean {
  return shared[WANTED] === true;
}

/** The sockets that `make` creates, and opens before it returns, are the kernel's. */
export function withKernelHandles<T>(make: () => T): T {
  const before = kernelHandleIsWanted();
  shared[WANTED] = true;
  try {
    return make();
  } finally {
    shared[WANTED] = before;
  }
}
