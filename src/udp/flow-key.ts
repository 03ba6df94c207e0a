/**
 * A flow as a key of a `Map`: both addresses and the remote port. Engines hash strings with a secret of their
 * own, so a stranger who may choose where he sends from cannot make flows collide.
 */
import type { IpAddress } from "../wire/address.ts";

export function flowKey(local: IpAddress, remote: IpAddress, remotePort: number): string {
  if (remote.family === 4) {
    const [here, there] = [local.w3, remote.w3];
    return String.fromCharCode(here >>> 16, here & 0xffff, there >>> 16, there & 0xffff, remotePort);
  }
  return words(local) + words(remote) + String.fromCharCode(remotePort);
}

function words({ w0, w1, w2, w3 }: IpAddress): string {
  return String.fromCharCode(
    w0 >>> 16,
    w0 & 0xffff,
    w1 >>> 16,
    w1 & 0xffff,
    w2 >>> 16,
    w2 & 0xffff,
    w3 >>> 16,
    w3 & 0xffff,
  );
}
