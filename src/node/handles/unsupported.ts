/** What cannot be had on a stack of one's own says so. */
export class UnsupportedError extends Error {
  readonly code = "ERR_POSTEL_UNSUPPORTED";

  constructor(what: string, instead: string) {
    super(`${what} is not possible with Postel's sockets: ${instead}`);
  }
}
