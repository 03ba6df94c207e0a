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
import { INTERRUPTED } from "../exit-code.ts";
import { Failure } from "../failure.ts";
import { OUR_ADDRESSES } from "../network-plan.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { type CommandLink, type Decorate, endLink, newHost, resolveByKernel } from "./command-link.ts";

export interface QemuLinkOptions {
  /** Of the socket: we connect to it, or, if nobody listens there, wait for the machine to connect. */
  readonly path: string;
  readonly addresses: readonly AddressWithPrefix[] | undefined;
  readonly gateways: readonly IpAddress[] | undefined;
  readonly onLost: (error: Error) => void;
  /** Nobody listens there. */
  readonly onWaiting?: (() => void) | undefined;
  /** Ends the waiting. */
  readonly interrupted?: AbortSignal | undefined;
}

export async function openQemuLink(
  options: QemuLinkOptions,
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
  driver: Driver = new Driver(),
): Promise<CommandLink> {
  const { addresses = OUR_ADDRESSES, gateways, onLost } = options;
  const stream = await openStream(options);
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

async function openStream(options: QemuLinkOptions): Promise<Socket> {
  const { path } = options;
  const stream = connect(path);
  try {
    await once(stream, "connect");
    return stream;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return accepted(options);
    const isDead = code === "ECONNREFUSED";
    const reason = isDead
      ? "nobody listens there any more: remove the file"
      : `it cannot be opened (${code})`;
    throw new OperationError(code, `The socket ${path} of the virtual machine: ${reason}.`);
  }
}

/** The first machine that connects; the socket's file is gone after that. */
async function accepted({ path, onWaiting, interrupted }: QemuLinkOptions): Promise<Socket> {
  const server = createServer();
  if (onWaiting !== undefined) server.once("listening", onWaiting);
  try {
    server.listen(path);
    const [stream] = (await once(server, "connection", { signal: interrupted })) as [Socket];
    return stream;
  } catch (error) {
    if (interrupted?.aborted) throw new Failure(`No virtual machine has connected to ${path}.`, INTERRUPTED);
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new OperationError(code, `The socket ${path} for the virtual machine cannot be made (${code}).`);
  } finally {
    server.close();
  }
}
