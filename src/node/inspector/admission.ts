/**
 * Who may speak to the inspector: this machine's own browser, on the inspector's own page. A page from
 * elsewhere names its own origin, and a name that somebody has pointed to 127.0.0.1 (DNS rebinding) stands in
 * `Host`. Programs of this machine are not kept out: they could read the same memory.
 */
import type { IncomingHttpHeaders } from "node:http";

/** Names that nobody can point elsewhere. The port may be another one: of a tunnel to this machine. */
const OWN_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** For requests: whether what is asked for may be shown. */
export function mayAsk({ host, origin }: IncomingHttpHeaders): boolean {
  return isOwnHost(host) && (origin === undefined || isSameOrigin(origin, host));
}

/** For the channel: browsers always say where a WebSocket comes from. */
export function mayJoin({ host, origin }: IncomingHttpHeaders): boolean {
  return isOwnHost(host) && origin !== undefined && isSameOrigin(origin, host);
}

function isOwnHost(host: string | undefined): host is string {
  return host !== undefined && OWN_HOST.test(host);
}

function isSameOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}
