/**
 * Something to look at on a simulated internet: the target is pinged and its site is visited, once a second.
 */
import { request } from "node:http";
import { toDuplex } from "../node/duplex.ts";
import { connectTcp } from "../socket/tcp-stream.ts";
import type { IpAddress } from "../wire/address.ts";
import type { CommandLink } from "./links/command-link.ts";

const EVERY_MS = 1_000;
const PAYLOAD = Uint8Array.from({ length: 56 }, (_, i) => i);

export async function browse(link: CommandLink, until: AbortSignal): Promise<void> {
  const address = (await link.resolve("target")).addresses[0];
  const ping = link.host.net.openPing(address.family, { reply: () => undefined, error: () => undefined });
  for (let visit = 1; !until.aborted; visit++) {
    ping?.send(address, visit & 0xffff, PAYLOAD);
    visitSite(link, address);
    await new Promise(resolve => setTimeout(resolve, EVERY_MS));
  }
}

function visitSite(link: CommandLink, address: IpAddress): void {
  const stream = connectTcp(link.host, { remote: address, remotePort: 80 });
  const visit = request(`http://${address}/bytes/4000`, {
    createConnection: () => toDuplex(stream),
  });
  visit.on("response", response => response.resume());
  // On a bad wire a visit may fail.
  visit.on("error", () => undefined);
  visit.end();
}
