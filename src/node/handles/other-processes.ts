/**
 * Sockets and the borders of the process. A connection lives in the stack of its process and cannot be handed
 * to another one: that is refused where it is tried. In a child of `fork` Node has loaded `net`, for the
 * channel to the parent, before any preload is run.
 */
import { binding, KernelTcp, KernelUdp } from "./bindings.ts";
import { UnsupportedError } from "./unsupported.ts";

/** Whether `net` can no longer be given other handles than it has. */
export function isTooLate(): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] };
  return moduleLoadList.includes("NativeModule net");
}

/**
 * To send one of our handles along with a message is an error, and not Node's end: C++ takes it for its
 * own.
 */
export function refuseToSendHandles(): void {
  const { prototype } = binding("pipe_wrap").Pipe;
  const { writeUtf8String } = prototype;
  prototype.writeUtf8String = function (...args) {
    if (isOurs(args[2]))
      throw new UnsupportedError("To send a socket to another process", "its connection lives in this one");
    return writeUtf8String.apply(this, args);
  };
}

function isOurs(handle: unknown): boolean {
  const { TCP } = binding("tcp_wrap");
  const { UDP } = binding("udp_wrap");
  return (TCP !== KernelTcp && handle instanceof TCP) || (UDP !== KernelUdp && handle instanceof UDP);
}
