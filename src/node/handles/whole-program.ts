/**
 * A whole program on Postel: a host of its own in the process, and its handles in the place of the kernel's,
 * beneath Node's own `net` and everything that is built on it. To be called before anything has loaded `net`.
 */
import { milliseconds } from "../../base/time.ts";
import { Host } from "../../host/host.ts";
import { Driver } from "../driver.ts";
import { CryptoRandom } from "../random.ts";
import { binding } from "./bindings.ts";
import { type HandleContext, handleContext } from "./handle-context.ts";
import { isTooLate, refuseKernelSockets, refuseToSendHandles } from "./other-processes.ts";
import { tcpClass } from "./tcp-handle.ts";

/**
 * Programs know a loopback on which what was sent has arrived when the call returns: what goes on between the
 * sockets of one process is not to be seen from it half done.
 */
const SLICE = milliseconds(100);

/** A host with a loopback interface, 127.0.0.0/8 and ::1, driven in real time. */
export function loopbackHost(): HandleContext {
  const driver = new Driver({ slice: SLICE });
  const host = new Host({ name: "program", clock: driver, random: new CryptoRandom(), scheduler: driver });
  driver.add(host);
  return handleContext(host, driver);
}

/** The program's sockets are the host's from now on. */
export function takeOver(context: HandleContext): void {
  if (isTooLate()) {
    refuseKernelSockets();
    return;
  }
  refuseToSendHandles();
  binding("tcp_wrap").TCP = tcpClass(context);
}
