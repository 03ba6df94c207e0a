/**
 * Which parts of Fast Open (RFC 7413) a host takes part in: the bits of Linux's net.ipv4.tcp_fastopen.
 */
export const FAST_OPEN = {
  /** Connections may ask for cookies, and put text into the SYN. */
  client: 0x1,
  /** Listeners that allow it take text from a SYN with a good cookie. */
  server: 0x2,
  /** The client puts text into the SYN without a cookie. */
  clientWithoutCookie: 0x4,
  /** The server takes text from any SYN: for networks where nobody forges addresses. */
  serverWithoutCookie: 0x200,
  /** Listeners allow it without having been told to, for as many requests as their backlog. */
  everyListener: 0x400,
} as const;
