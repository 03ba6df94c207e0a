/** A host on a TUN or TAP device: the kernel is its neighbor, and its router where the kernel forwards. */
import { Driver } from "../../node/driver.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import type { IpAddress } from "../../wire/address.ts";
import { OUR_ADDRESSES, peerOf } from "../network-plan.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { type CommandLink, type Decorate, endLink, newHost, resolveByKernel } from "./command-link.ts";
import { openKernelDevice } from "./kernel-device.ts";

export interface KernelLinkOptions {
  readonly kind: "tun" | "tap";
  readonly name: string | undefined;
  /** Ours; the plan's if there are none. */
  readonly addresses: readonly AddressWithPrefix[] | undefined;
  /** The kernel's where they are in our subnets; the first addresses of our subnets if there are none. */
  readonly gateways: readonly IpAddress[] | undefined;
  /** The device was taken away. */
  readonly onLost: (error: Error) => void;
}

export async function openKernelLink(
  options: KernelLinkOptions,
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
): Promise<CommandLink> {
  const driver = new Driver();
  const host = newHost(driver, "postel", tcp);
  const addresses = options.addresses ?? OUR_ADDRESSES;
  const gateways = options.gateways ?? addresses.flatMap(ours => peerOf(ours) ?? []);
  const device = await openKernelDevice({
    kind: options.kind,
    name: options.name,
    scheduler: driver,
    addresses: kernelAddresses(addresses, gateways),
    onLost: options.onLost,
  });
  host.attach(decorate(device, driver), {
    addresses,
    gateways: onePerFamily(gateways),
    duplicateDetection: false,
  });
  return {
    driver,
    host,
    resolve: (name, family) => resolveByKernel(host, name, family),
    end: hurry => endLink({ driver, host, hosts: [host] }, hurry),
  };
}

/** The gateways that are in subnets of ours, with those subnets' lengths. */
function kernelAddresses(
  ours: readonly AddressWithPrefix[],
  gateways: readonly IpAddress[],
): AddressWithPrefix[] {
  return gateways.flatMap(address => {
    const subnet = ours.find(({ address: own, prefixLength }) => own.samePrefix(address, prefixLength));
    return subnet === undefined ? [] : [{ address, prefixLength: subnet.prefixLength }];
  });
}

function onePerFamily(gateways: readonly IpAddress[]): IpAddress[] {
  return ([4, 6] as const).flatMap(family => gateways.find(gateway => gateway.family === family) ?? []);
}
