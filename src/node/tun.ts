/**
 * TUN and TAP devices of the Linux kernel: Documentation/networking/tuntap.rst. Frames without the packet
 * information header (IFF_NO_PI), and with a virtio header (IFF_VNET_HDR) where the kernel grants offloads:
 * super-segments and unfinished checksums then pass both ways (node/offload-framing).
 */
import { VIRTIO_NET_HEADER_SIZE } from "../wire/virtio-net.ts";
import { DescriptorDevice, type DescriptorDeviceOptions, type OpenedInterface } from "./descriptor-device.ts";
import { cannotAttach, cannotOpenControl, checkName } from "./device-error.ts";
import { errnoName, type Libc, loadLibc, O_CLOEXEC, O_NONBLOCK, O_RDWR } from "./ffi.ts";
import { agreeMtu, IFNAMSIZ, interfaceRequest, LITTLE_ENDIAN } from "./interface-request.ts";
import { insideNetns } from "./netns.ts";

export type TunDevice = DescriptorDevice;

export interface TunOptions extends DescriptorDeviceOptions {
  readonly kind: "tun" | "tap";
  /** At most 15 bytes. Without one the kernel numbers it: postel0, postel1, … */
  readonly name?: string | undefined;
  /** Without one, what the device has: 1,500 when it is new. */
  readonly mtu?: number | undefined;
  /** The name or the path of a network namespace in which the device is made. */
  readonly netns?: string | undefined;
  /**
   * Super-segments and checksums left to the kernel. On unless false; a kernel that refuses them (or some of
   * them) is used without: `device.offload` tells.
   */
  readonly offload?: boolean | undefined;
}

const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUNSETIFF = 0x4004_54ca;
const TUNGETFEATURES = 0x8004_54cf;
const TUNSETOFFLOAD = 0x4004_54d0;
const TUNSETVNETHDRSZ = 0x4004_54d8;
const TUNSETVNETLE = 0x4004_54dc;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO4 = 0x02;
const TUN_F_TSO6 = 0x04;

/** @throws DeviceError, with a sentence for the user. */
export function openTun(options: TunOptions, libc: Libc = loadLibc()): TunDevice {
  if (options.name !== undefined) checkName(options.name);
  const open = () => openInterface(libc, options);
  const opened = options.netns === undefined ? open() : insideNetns(libc, options.netns, open);
  return new DescriptorDevice(libc, opened, options);
}

function openInterface(libc: Libc, options: TunOptions): OpenedInterface {
  const descriptor = libc.open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) throw cannotOpenControl(errnoName(libc.errno()));
  try {
    const request = interfaceRequest(options.name ?? "postel%d");
    const offload = options.offload !== false && hasVirtioHeaders(libc, descriptor);
    const kind = options.kind === "tun" ? IFF_TUN : IFF_TAP;
    const flags = kind | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0);
    new DataView(request.buffer).setUint16(IFNAMSIZ, flags, LITTLE_ENDIAN);
    if (libc.ioctl(descriptor, TUNSETIFF, request) < 0) {
      throw cannotAttach(errnoName(libc.errno()), options.kind, options.name);
    }
    if (offload) agreeOffload(libc, descriptor, options);
    const name = Buffer.from(request.subarray(0, request.indexOf(0))).toString();
    const medium = options.kind === "tun" ? "ip" : "ethernet";
    return { descriptor, name, medium, mtu: agreeMtu(libc, name, options.mtu), offload };
  } catch (error) {
    libc.close(descriptor);
    throw error;
  }
}

function hasVirtioHeaders(libc: Libc, descriptor: number): boolean {
  const features = new Uint8Array(4);
  if (libc.ioctl(descriptor, TUNGETFEATURES, features) < 0) return false;
  return (new DataView(features.buffer).getUint32(0, LITTLE_ENDIAN) & IFF_VNET_HDR) !== 0;
}

/**
 * Headers of ten bytes, little-endian; and the kernel may hand us super-segments and unfinished checksums.
 * What it accepts from us needs no leave.
 */
function agreeOffload(libc: Libc, descriptor: number, { kind, name }: TunOptions): void {
  const number = (value: number): Uint8Array => {
    const argument = new Uint8Array(4);
    new DataView(argument.buffer).setInt32(0, value, LITTLE_ENDIAN);
    return argument;
  };
  const refused =
    libc.ioctl(descriptor, TUNSETVNETHDRSZ, number(VIRTIO_NET_HEADER_SIZE)) < 0 ||
    (!LITTLE_ENDIAN && libc.ioctl(descriptor, TUNSETVNETLE, number(1)) < 0);
  if (refused) throw cannotAttach(errnoName(libc.errno()), kind, name);
  // A kernel that takes none of these just hands us plain segments with complete checksums.
  libc.ioctlValue(descriptor, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
}
