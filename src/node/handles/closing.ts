/**
 * The closing phase of the event loop, where libuv tells that a handle is closed: an unused handle of the
 * kernel's is closed along, which takes no descriptor.
 */
import { KernelTcp } from "./bindings.ts";

const SOCKET = 0;

/** Runs it in the closing phase to come; the process lives at least until then. */
export function whenClosing(run: () => void): void {
  const unused = new KernelTcp(SOCKET) as { close(closed: () => void): void };
  unused.close(run);
}
