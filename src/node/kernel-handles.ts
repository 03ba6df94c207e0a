/**
 * Sockets of the kernel in a program whose `net` and `dgram` lie on our stack (node/handles): the way out of
 * it, for the gate and for published ports. Where nothing was exchanged, all sockets are the kernel's anyway.
 */

let isWanted = false;

/** Whether handles that are made now are to be the kernel's. */
export function kernelHandleIsWanted(): boolean {
  return isWanted;
}

/** The sockets that `make` creates, and opens before it returns, are the kernel's. */
export function withKernelHandles<T>(make: () => T): T {
  const before = isWanted;
  isWanted = true;
  try {
    return make();
  } finally {
    isWanted = before;
  }
}
