/**
 * A host on the wire of a virtual machine: QEMU's `-netdev stream,addr.type=unix,addr.path=PATH`, whichever
 * side of the socket it is. The guest is our neighbor.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Driver } from "../../node/driver.ts";
import { OperationError } from "../../node/operation-error.ts";
import { StreamDevice } from "../../node/stream-device.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import type { IpAddress } from "../../wire/address.ts";
import { OUR_ADDRESSES } from "../network-plan.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { type CommandLink, type Decorate, endLink, newHost, resolveByKernel } from "./command-link.ts";

export interface QemuLinkOptions {
  /** Of the socket: we connect to it, or, if nobody listens there, wait for the machine to connect. */
  readonly path: string;
  readonly addresses: readonly AddressWithPrefix[] | undefined;
  readonly gateways: readonly IpAddress[] | undefined;
  readonly onLost: (error: Error) => void;
}

export async function openQemuLink(
  { path, addresses = OUR_ADDRESSES, gateways, onLost }: QemuLinkOptions,
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
  driver: Driver = new Driver(),
): Promise<CommandLink> {
  const stream = await openStream(path);
  const host = newHost(driver, "postel", tcp);
  const device = new StreamDevice(stream, { name: "qemu0", scheduler: driver, onLost });
  const wire = decorate(device, driver);
  host.attach(wire, { addresses, gateways, duplicateDetection: false, announce: true });
  return {
    driver,
    host,
    hosts: [host],
    sources: [stream],
    resolve: (name, family) => resolveByKernel(host, name, family),
    end: hurry => endLink({ driver, host, hosts: [host] }, hurry),
  };
}

async function openStream(path: string): Promise<Socket> {
  const stream = connect(path);
  try {
    await once(stream, "connect");
    return stream;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return accepted(path);
    const isDead = code === "ECONNREFUSED";
    const reason = isDead
      ? "nobody listens there any more: remove the file"
      : `it cannot be opened (${code})`;
    throw new OperationError(code, `The socket ${path} of the virtual machine: ${reason}.`);
  }
}

/** The first machine that connects; the socket's file is gone after that. */
async function accepted(path: string): Promise<Socket> {
  const server = createServer();
  try {
    server.listen(path);
    const [stream] = (await once(server, "connection")) as [Socket];
    return stream;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new OperationError(code, `The socket ${path} for the virtual machine cannot be made (${code}).`);
  } finally {
    server.close();
  }
}
