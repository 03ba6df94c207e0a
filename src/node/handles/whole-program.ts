/**
 * A whole program on Postel: handles of a host of its own in the place of the kernel's, beneath Node's own
 * `net` and everything that is built on it. To be called before anything has loaded `net`; in a child of
 * `fork` Node itself has, and there its modules are given handles one by one (programs/inhabited).
 */
import { kernelHandleIsWanted } from "../kernel-handles.ts";
import { inhabitAlways } from "../programs/inhabited.ts";
import { binding, KERNELS, KernelTcp, KernelUdp } from "./bindings.ts";
import type { HandleContext } from "./handle-context.ts";
import { isTooLate, refuseToSendHandles } from "./other-processes.ts";
import { tcpClass } from "./tcp-handle.ts";
import { udpClass } from "./udp-handle.ts";

type HandleClass = new (...values: never[]) => object;

/** The program's sockets are the host's from now on. */
export function takeOver(context: HandleContext): void {
  refuseToSendHandles();
  if (isTooLate()) {
    inhabitAlways(context);
    return;
  }
  binding("tcp_wrap").TCP = orTheKernels(tcpClass(context), KernelTcp);
  binding("udp_wrap").UDP = orTheKernels(udpClass(context), KernelUdp);
}

/** Ours, but where the way out of the host is made; Node's `net` takes either for a TCP handle. */
function orTheKernels<Class extends HandleClass>(ours: Class, kernels: HandleClass): Class {
  Object.defineProperty(ours, KERNELS, { value: kernels });
  Object.defineProperty(ours, Symbol.hasInstance, {
    value: (handle: object) =>
      Function.prototype[Symbol.hasInstance].call(ours, handle) || handle instanceof kernels,
  });
  return new Proxy(ours, {
    construct: (target, values, newTarget) =>
      kernelHandleIsWanted()
        ? Reflect.construct(kernels, values)
        : Reflect.construct(target, values, newTarget),
  });
}
