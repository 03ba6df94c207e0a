/** How a TCP handle opens a connection: libuv's uv_tcp_connect, over what Linux's connect answers at once. */
import { NetError } from "../../base/errors.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { IpFamily } from "../../wire/address.ts";
import { parseAddress, reachable } from "./addresses.ts";
import { codeOf, uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import type { LocalEnd } from "./tcp-local-end.ts";

/** Sends the SYN, or answers libuv's number. */
export function openConnection(
  { host, surroundings }: HandleContext,
  local: LocalEnd,
  family: IpFamily,
  text: string,
  remotePort: number,
): TcpConnection | number {
  const parsed = parseAddress(family, text);
  if (parsed === undefined) return uvCode("EINVAL");
  if (local.isListening) return uvCode("EISCONN");
  if (local.family !== undefined && local.family !== family)
    return uvCode(local.family === 6 ? "EINVAL" : "EAFNOSUPPORT");
  local.family = family;
  const named = reachable(parsed.address);
  const isFree = local.heldAddress === undefined;
  const remote = (isFree ? surroundings?.destinationOf("tcp", named, remotePort) : undefined) ?? named;
  if (family === 6 && remote.family === 4 && local.isV6Only) return uvCode("ENETUNREACH");
  try {
    return host.tcp.connect({ remote, remotePort, local: local.heldAddress, localPort: local.heldPort });
  } catch (error) {
    // The four-tuple is in use: to Linux there is no address left to connect from.
    if (error instanceof NetError && error.code === "EADDRINUSE") return uvCode("EADDRNOTAVAIL");
    return codeOf(error);
  }
}
