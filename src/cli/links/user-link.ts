/**
 * The network of this machine without root: our host's flows end at a second host, the gate, which carries
 * them on by the kernel's sockets. What our host listens to can be published at ports of this machine.
 *
 * The gate's own addresses stand for this machine: 127.0.0.1 and ::1 cannot be the destination of a packet on
 * a wire.
 */
import { Gateway } from "../../gateway/gateway.ts";
import type { Host } from "../../host/host.ts";
import { createPair } from "../../link/pair.ts";
import { Driver } from "../../node/driver.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from "../../wire/address.ts";
import { DatagramPublisher } from "../datagram-publisher.ts";
import { OUR_ADDRESSES, OUR_V4, PEER_ADDRESSES, PEER_V4, PEER_V6 } from "../network-plan.ts";
import { Publisher } from "../publisher.ts";
import {
  type CommandLink,
  type Decorate,
  endLink,
  newHost,
  type ResolvedName,
  resolveByKernel,
} from "./command-link.ts";
import { KernelDialer } from "./kernel-dialer.ts";

export interface UserLinkOptions {
  readonly driver?: Driver;
  /** The gate's sockets do not keep the process alive: what they carry is not the process's own business. */
  readonly isBackground?: boolean;
  /** Nobody looks at the wire, nor makes it bad: what the hosts send passes whole, in super-segments. */
  readonly isPlain?: boolean;
}

export function openUserLink(
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
  { driver = new Driver(), isBackground = false, isPlain = false }: UserLinkOptions = {},
): CommandLink {
  const host = newHost(driver, "us", tcp);
  const gate = newHost(driver, "gate", tcp);
  const [ourEnd, gateEnd] = createPair(driver, { medium: "ip", names: ["us", "gate"], offload: isPlain });
  const gateways = [PEER_V4, PEER_V6];
  host.attach(decorate(ourEnd, driver), { addresses: OUR_ADDRESSES, gateways });
  const gateway = new Gateway(gate, gateEnd, {
    dialer: new KernelDialer(kernelAddress, isBackground),
    addresses: PEER_ADDRESSES,
  });
  const publishers = new Set<Publisher | DatagramPublisher>();
  const isBusy = (): boolean =>
    gateway.connections > 0 || [...publishers].some(({ connections }) => connections > 0);
  const reset = (): void => {
    gateway.close();
    for (const publisher of publishers) publisher.resetConnections();
  };
  return {
    driver,
    host,
    hosts: [host, gate],
    resolve: async (name, family) => {
      const { addresses, by } = await resolveByKernel(host, name, family);
      const [first, ...others] = addresses;
      if (!addresses.some(isThisMachine)) return { addresses, by };
      const mapped: ResolvedName["addresses"] = [gateFor(first), ...others.map(gateFor)];
      return { addresses: mapped, by: `${by}: ${first}, for which the gate stands` };
    },
    publish: (protocol, port, at = { host: LOOPBACK_V4.toString(), port }) => {
      const publisher = publisherFor(protocol, gate, port);
      const where = publisher.openNow(at);
      publishers.add(publisher);
      const close = (): void => {
        publisher.close();
        // What it carries still is the link's business.
        if (publisher.connections === 0) publishers.delete(publisher);
      };
      return { ...where, close, unref: () => publisher.unref() };
    },
    end: hurry => {
      for (const publisher of publishers) publisher.close();
      return endLink({ driver, host, hosts: [host, gate], isBusy, reset }, hurry);
    },
  };
}

function publisherFor(protocol: "tcp" | "udp", gate: Host, port: number): Publisher | DatagramPublisher {
  return protocol === "tcp" ? new Publisher(gate, OUR_V4, port) : new DatagramPublisher(gate, OUR_V4, port);
}

function isThisMachine(address: IpAddress): boolean {
  return address.equals(LOOPBACK_V4) || address.equals(LOOPBACK_V6);
}

function gateFor(address: IpAddress): IpAddress {
  if (!isThisMachine(address)) return address;
  return address.family === 4 ? PEER_V4 : PEER_V6;
}

function kernelAddress({ destination }: { readonly destination: IpAddress }): string {
  if (destination.equals(PEER_V4)) return LOOPBACK_V4.toString();
  return (destination.equals(PEER_V6) ? LOOPBACK_V6 : destination).toString();
}
