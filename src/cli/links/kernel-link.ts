/**
 * A host on a device of the kernel. On a TUN or TAP device the kernel is its neighbor, and its router where
 * the kernel forwards; on an interface that the kernel has already it is one more host on that wire.
 */
import type { Duration } from "../../base/time.ts";
import { Driver } from "../../node/driver.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import type { IpAddress } from "../../wire/address.ts";
import { OUR_ADDRESSES, peerOf } from "../network-plan.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { type CommandLink, type Decorate, endLink, newHost, resolveByKernel } from "./command-link.ts";
import { type KernelDeviceName, openKernelDevice } from "./kernel-device.ts";

export interface KernelLinkOptions {
  readonly device: KernelDeviceName;
  /** False: the kernel hands over frame by frame, and so do we. */
  readonly offload: boolean | undefined;
  readonly busyPoll: Duration | undefined;
  /** Ours; the plan's if there are none. */
  readonly addresses: readonly AddressWithPrefix[] | undefined;
  /**
   * The kernel's on a TUN or TAP device, where they are in our subnets; the first addresses of our subnets if
   * there are none.
   */
  readonly gateways: readonly IpAddress[] | undefined;
  /** The device was taken away. */
  readonly onLost: (error: Error) => void;
}

export async function openKernelLink(
  options: KernelLinkOptions,
  decorate: Decorate,
  tcp: Partial<TcpConfig> = {},
  driver: Driver = new Driver({ busyPoll: options.busyPoll }),
): Promise<CommandLink> {
  const host = newHost(driver, "postel", tcp);
  const addresses = options.addresses ?? OUR_ADDRESSES;
  const gateways = options.gateways ?? addresses.flatMap(ours => peerOf(ours) ?? []);
  const { device, notes } = await openKernelDevice({
    device: options.device,
    scheduler: driver,
    addresses,
    kernelAddresses: kernelAddresses(addresses, gateways),
    onLost: options.onLost,
    offload: options.offload,
  });
  host.attach(decorate(device, driver), {
    addresses,
    gateways: onePerFamily(gateways),
    duplicateDetection: false,
    announce: true,
  });
  return {
    driver,
    host,
    hosts: [host],
    sources: [device],
    notes,
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
