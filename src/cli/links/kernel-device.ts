/**
 * A device of the kernel for a command: a TUN or TAP device with its kernel side set up, so that the
 * machine's own programs reach what is attached to it; or a packet socket on an interface that is somebody
 * else's to set up.
 */
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { DescriptorDevice } from "../../node/descriptor-device.ts";
import { configureKernelSide } from "../../node/kernel-side.ts";
import { openPacketSocket } from "../../node/packet-socket.ts";
import { openTun, type TunOptions } from "../../node/tun.ts";
import type { AddressWithPrefix } from "../quantities.ts";
import { addressNotes } from "./address-notes.ts";

/** A packet socket is always on an interface that has a name already. */
export type KernelDeviceName =
  | { readonly kind: "tun" | "tap"; readonly name?: string | undefined }
  | { readonly kind: "packet"; readonly name: string };

export interface KernelDeviceOptions extends Pick<TunOptions, "scheduler" | "onLost" | "offload"> {
  readonly device: KernelDeviceName;
  /** Our host's addresses, and the kernel's on a TUN or TAP device. */
  readonly addresses: readonly AddressWithPrefix[];
  readonly kernelAddresses: readonly AddressWithPrefix[];
}

export interface KernelDevice {
  readonly device: DescriptorDevice;
  /** What the user should know of it, in sentences. */
  readonly notes: readonly string[];
}

/** @throws DeviceError */
export async function openKernelDevice(options: KernelDeviceOptions): Promise<KernelDevice> {
  const { device: wanted, addresses, kernelAddresses, ...rest } = options;
  if (wanted.kind === "packet") {
    const device = openPacketSocket({ name: wanted.name, ...rest });
    const present = (networkInterfaces()[device.name] ?? []).map(({ address }) => address);
    return { device, notes: [...device.notes, ...addressNotes(device.name, addresses, present)] };
  }
  const device = openTun({ ...wanted, ...rest });
  try {
    await configure(device.name, kernelAddresses);
  } catch (error) {
    device.close();
    throw error;
  }
  return { device, notes: device.notes };
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
