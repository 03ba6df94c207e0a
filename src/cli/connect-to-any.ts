/** A connection to the first of a name's addresses that accepts: RFC 1123 §2.3. */
import type { Host } from "../host/host.ts";
import { connectTcp, type TcpStream } from "../socket/tcp-stream.ts";
import type { IpAddress } from "../wire/address.ts";

/** Resolves with an open stream. @throws what the last address answered. */
export async function connectToAny(
  host: Host,
  addresses: readonly IpAddress[],
  remotePort: number,
  options: { readonly localPort?: number | undefined } = {},
): Promise<TcpStream> {
  let failure: unknown;
  for (const remote of addresses) {
    try {
      const stream = connectTcp(host, { remote, remotePort, localPort: options.localPort });
      await stream.opened;
      return stream;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
