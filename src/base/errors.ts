/**
 * Failed operations, with the codes that Node users know. Bad packets never become errors: see drop-reason.
 */
export type ErrorCode =
  | "EACCES"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EAFNOSUPPORT"
  | "EAGAIN"
  | "EALREADY"
  | "EBADF"
  | "ECANCELED"
  | "ECONNABORTED"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EDESTADDRREQ"
  | "EFAULT"
  | "EHOSTUNREACH"
  | "EINPROGRESS"
  | "EINVAL"
  | "EISCONN"
  | "EMSGSIZE"
  | "ENETDOWN"
  | "ENETUNREACH"
  | "ENOBUFS"
  | "ENODEV"
  | "ENOPROTOOPT"
  | "ENOTCONN"
  | "EOPNOTSUPP"
  | "EPERM"
  | "EPIPE"
  | "EPROTO"
  | "ETIMEDOUT";

const MEANING: Record<ErrorCode, string> = {
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "address not available",
  EAFNOSUPPORT: "address family not supported",
  EAGAIN: "the operation would block",
  EALREADY: "operation already in progress",
  EBADF: "the socket is closed",
  ECANCELED: "operation canceled",
  ECONNABORTED: "connection aborted",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EDESTADDRREQ: "destination address required",
  EFAULT: "bad address in system call argument",
  EHOSTUNREACH: "host is unreachable",
  EINPROGRESS: "operation in progress",
  EINVAL: "invalid argument",
  EISCONN: "socket is already connected",
  EMSGSIZE: "message too long",
  ENETDOWN: "network is down",
  ENETUNREACH: "network is unreachable",
  ENOBUFS: "no buffer space available",
  ENODEV: "no such device",
  ENOPROTOOPT: "protocol option not available",
  ENOTCONN: "socket is not connected",
  EOPNOTSUPP: "operation not supported",
  EPERM: "operation not permitted",
  EPIPE: "broken pipe",
  EPROTO: "protocol error",
  ETIMEDOUT: "connection timed out",
};

export interface ErrorDetails {
  readonly syscall?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * An operation that failed. `message` reads like Node's: "connect ECONNREFUSED 10.0.0.1:80: connection
 * refused".
 */
export class NetError extends Error {
  override readonly name = "NetError";
  readonly code: ErrorCode;
  readonly syscall: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const where = placeOf(details);
    super(`${details.syscall === undefined ? "" : `${details.syscall} `}${code}${where}: ${MEANING[code]}`);
    this.code = code;
    this.syscall = details.syscall;
    this.address = details.address;
    this.port = details.port;
  }
}

/** " 10.0.0.1:80", " [fd00::1]:80", or nothing. */
function placeOf({ address, port }: ErrorDetails): string {
  if (address === undefined) return "";
  if (port === undefined) return ` ${address}`;
  return address.includes(":") ? ` [${address}]:${port}` : ` ${address}:${port}`;
}
