/** The sockets of this stack, as the scripts' system calls. */
import { PosixSockets } from "../socket/posix/posix-sockets.ts";
import type { SystemCallsOf } from "./script-run.ts";

export const posixCalls: SystemCallsOf = (host, scheduler) => new PosixSockets(host, scheduler);
