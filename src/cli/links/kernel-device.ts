/**
 * A TUN or TAP device with its kernel side set up, so that the machine's own programs reach what is attached
 * to it.
 */
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { configureKernelSide } from "../../node/kernel-side.ts";
import { openTun, type TunDevice, type TunOptions } from "../../node/tun.ts";
import type { AddressWithPrefix } from "../quantities.ts";

export type KernelDeviceOptions = Pick<TunOptions, "kind" | "name" | "scheduler" | "onLost"> & {
  /** The kernel's addresses on the device. */
  readonly addresses: readonly AddressWithPrefix[];
};

/** @throws DeviceError */
export async function openKernelDevice(options: KernelDeviceOptions): Promise<TunDevice> {
  const { kind, name, scheduler, onLost } = options;
  const device = openTun({ kind, name, scheduler, onLost });
  try {
    await configure(device.name, options.addresses);
  } catch (error) {
    device.close();
    throw error;
  }
  return device;
}

/** What an administrator has set up already is left alone: it takes rights that the user may not have. */
async function configure(name: string, addresses: readonly AddressWithPrefix[]): Promise<void> {
  // A port of a bridge: the bridge has the addresses.
  if (existsSync(`/sys/class/net/${name}/master`)) return configureKernelSide(name, { up: true });
  const present = (networkInterfaces()[name] ?? []).map(({ address }) => address);
  const missing = addresses.filter(({ address }) => !present.includes(address.toString()));
  if (missing.length === 0) return;
  await configureKernelSide(name, {
    addresses: missing.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    up: true,
  });
}
