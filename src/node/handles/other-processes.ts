/**
 * Sockets and the borders of the process. A connection lives in the stack of its process and cannot be
 * handed to another one; and in a child of `fork` Node has loaded `net`, for the channel to the parent,
 * before any preload is run, so that its sockets would be the kernel's. Both are refused where they are
 * tried.
 */
import { binding, KernelTcp, KernelUdp } from "./bindings.ts";
import { UnsupportedError } from "./unsupported.ts";

type Methods = Record<string, (...args: unknown[]) => unknown>;

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

/** Every use of a kernel's socket is an error from now on. */
export function refuseKernelSockets(): void {
  refuse(KernelTcp.prototype as Methods, ["open", "bind", "bind6", "listen", "connect", "connect6"]);
  refuse(KernelUdp.prototype as Methods, ["open", "bind", "bind6", "connect", "connect6", "send", "send6"]);
}

function refuse(prototype: Methods, names: readonly string[]): void {
  for (const name of names) {
    prototype[name] = () => {
      throw new UnsupportedError(
        "A socket in a child of fork",
        "Node has loaded `net` there before Postel could be put beneath it. Start it with spawn",
      );
    };
  }
}

function isOurs(handle: unknown): boolean {
  const { TCP } = binding("tcp_wrap");
  const { UDP } = binding("udp_wrap");
  return (TCP !== KernelTcp && handle instanceof TCP) || (UDP !== KernelUdp && handle instanceof UDP);
}
