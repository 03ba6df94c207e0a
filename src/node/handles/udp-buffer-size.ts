/**
 * The buffer sizes of a UDP handle: libuv's uv_recv_buffer_size and uv_send_buffer_size, with the numbers
 * that Linux answers: it takes at most net.core.rmem_max, and tells twice what was asked for.
 */
import { getSystemErrorMap } from "node:util";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import { uvCode } from "./error-codes.ts";
import type { UdpSending } from "./udp-sending.ts";

/** Linux's net.core.rmem_max and wmem_max. */
const LARGEST = 212_992;
/** Linux's SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF. */
const SMALLEST_RECEIVE = 2_304;
const SMALLEST_SEND = 4_608;
const LARGEST_INT = 0x7fff_ffff;

/** Where Node reads what has failed. */
export interface UvErrorDetails {
  errno?: number;
  code?: string;
  message?: string;
  syscall?: string;
}

/** @param size 0: only asks. Undefined: the details tell why not. */
export function bufferSize(
  endpoint: UdpEndpoint | undefined,
  sending: UdpSending | undefined,
  size: number,
  isReceive: boolean,
  details: UvErrorDetails,
): number | undefined {
  const syscall = isReceive ? "uv_recv_buffer_size" : "uv_send_buffer_size";
  if (size > LARGEST_INT) return failed(details, uvCode("EINVAL"), syscall);
  if (endpoint === undefined || sending === undefined) return failed(details, uvCode("EBADF"), syscall);
  if (size === 0) return isReceive ? endpoint.receiveBufferSize : sending.bufferSize;
  const doubled = 2 * Math.min(size, LARGEST);
  if (isReceive) endpoint.receiveBufferSize = Math.max(doubled, SMALLEST_RECEIVE);
  else sending.bufferSize = Math.max(doubled, SMALLEST_SEND);
  return size;
}

function failed(details: UvErrorDetails, errno: number, syscall: string): undefined {
  const [code = "UNKNOWN", message = "unknown error"] = getSystemErrorMap().get(errno) ?? [];
  Object.assign(details, { errno, code, message, syscall });
}
