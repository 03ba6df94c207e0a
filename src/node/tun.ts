/**
 * TUN and TAP devices of the Linux kernel: Documentation/networking/tuntap.rst. Frames without the packet
 * information header (IFF_NO_PI), and with a virtio header (IFF_VNET_HDR) where the kernel grants offloads:
 * super-segments and unfinished checksums then pass both ways (node/offload-framing).
 */
import { NO_OFFLOAD } from "../link/net-device.ts";
import { DescriptorDevice, type DescriptorDeviceOptions, type OpenedInterface } from "./descriptor-device.ts";
import { cannotAttach, cannotOpenControl, checkName } from "./device-error.ts";
import { errnoName, type Libc, loadLibc, O_CLOEXEC, O_NONBLOCK, O_RDWR } from "./ffi.ts";
import { agreeMtu, IFNAMSIZ, interfaceRequest, LITTLE_ENDIAN } from "./interface-request.ts";
import { insideNetns } from "./netns.ts";
import { agreeHeaders, agreeOffload, type Granted } from "./tun-offload.ts";

export type TunDevice = DescriptorDevice;

/** Which interface, and how it is to be. */
export interface InterfaceOptions {
  readonly kind: "tun" | "tap";
  /** At most 15 bytes. Without one the kernel numbers it: postel0, postel1, … */
  readonly name?: string | undefined;
  /** Without one, what the device has: 1,500 when it is new. */
  readonly mtu?: number | undefined;
  /** The name or the path of a network namespace in which the device is made. */
  readonly netns?: string | undefined;
  /**
   * Super-segments and checksums left to the kernel. On unless false; a kernel that refuses them (or some of
   * them) is used without: `device.offload` tells, and `device.notes` why.
   */
  readonly offload?: boolean | undefined;
}

export type TunOptions = InterfaceOptions & DescriptorDeviceOptions;

/** `hasQueues`: the descriptor is to be one of several. */
type Wanted = InterfaceOptions & { readonly hasQueues?: boolean };

const IFF_TUN = 0x0001;
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUNSETIFF = 0x4004_54ca;
const TUNGETFEATURES = 0x8004_54cf;
const TUNGETSNDBUF = 0x8004_54d3;
/** What a device has unless somebody sets a bound: the largest int. */
const NO_BOUND = 0x7fff_ffff;

const NO_HEADERS = "This kernel's TUN driver has no virtio headers: frames pass one by one, with checksums.";

/** @throws DeviceError, with a sentence for the user. */
export function openTun(options: TunOptions, libc: Libc = loadLibc()): TunDevice {
  const opened = within(libc, options, () => openInterface(libc, options));
  return new DescriptorDevice(libc, opened, options);
}

/**
 * So many descriptors of one device, between which the kernel divides its flows. They are the caller's to
 * close.
 * @throws DeviceError, with a sentence for the user.
 */
export function openTunQueues(options: InterfaceOptions, count: number, libc: Libc): OpenedInterface[] {
  const queues: OpenedInterface[] = [];
  try {
    within(libc, options, () => {
      while (queues.length < count) {
        const name = queues[0]?.name ?? options.name;
        queues.push(openInterface(libc, { ...options, name, hasQueues: true }));
      }
    });
    return queues;
  } catch (error) {
    for (const { descriptor } of queues) libc.close(descriptor);
    throw error;
  }
}

function within<Result>(libc: Libc, { name, netns }: InterfaceOptions, open: () => Result): Result {
  if (name !== undefined) checkName(name);
  return netns === undefined ? open() : insideNetns(libc, netns, open);
}

function openInterface(libc: Libc, options: Wanted): OpenedInterface {
  if (options.offload === false) return openPlain(libc, options, []);
  return openWithHeaders(libc, options) ?? openPlain(libc, options, [NO_HEADERS]);
}

function openPlain(libc: Libc, options: Wanted, notes: readonly string[]): OpenedInterface {
  const descriptor = openControl(libc);
  return closingOnFailure(libc, descriptor, () => {
    const name = attach(libc, descriptor, options, 0);
    return describe(libc, descriptor, name, options, { offload: NO_OFFLOAD, notes });
  });
}

/** Undefined: this kernel does not have them. */
function openWithHeaders(libc: Libc, options: Wanted): OpenedInterface | undefined {
  const descriptor = openControl(libc);
  return closingOnFailure(libc, descriptor, () => {
    if (!hasVirtioHeaders(libc, descriptor)) return undefined;
    const name = attach(libc, descriptor, options, IFF_VNET_HDR);
    if (!agreeHeaders(libc, descriptor)) return undefined;
    return describe(libc, descriptor, name, options, agreeOffload(libc, descriptor));
  });
}

function openControl(libc: Libc): number {
  const descriptor = libc.open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) throw cannotOpenControl(errnoName(libc.errno()));
  return descriptor;
}

/** Makes the interface, or takes the one of that name; answers its name. */
function attach(libc: Libc, descriptor: number, options: Wanted, extra: number): string {
  const { kind, name, hasQueues = false } = options;
  const request = interfaceRequest(name ?? "postel%d");
  const queues = hasQueues ? IFF_MULTI_QUEUE : 0;
  const flags = (kind === "tun" ? IFF_TUN : IFF_TAP) | IFF_NO_PI | queues | extra;
  new DataView(request.buffer).setUint16(IFNAMSIZ, flags, LITTLE_ENDIAN);
  if (libc.ioctl(descriptor, TUNSETIFF, request) < 0) {
    throw cannotAttach(errnoName(libc.errno()), kind, name, hasQueues);
  }
  return Buffer.from(request.subarray(0, request.indexOf(0))).toString();
}

function describe(
  libc: Libc,
  descriptor: number,
  name: string,
  { kind, mtu }: Wanted,
  granted: Granted,
): OpenedInterface {
  const medium = kind === "tun" ? "ip" : "ethernet";
  const isBoundless = getNumber(libc, descriptor, TUNGETSNDBUF) === NO_BOUND;
  return { descriptor, name, medium, mtu: agreeMtu(libc, name, mtu), isBoundless, ...granted };
}

/** Closes the descriptor when nothing comes of it. */
function closingOnFailure<Result>(libc: Libc, descriptor: number, body: () => Result): Result {
  let result: Result | undefined;
  try {
    result = body();
    return result;
  } finally {
    if (result === undefined) libc.close(descriptor);
  }
}

function hasVirtioHeaders(libc: Libc, descriptor: number): boolean {
  return (getNumber(libc, descriptor, TUNGETFEATURES) & IFF_VNET_HDR) !== 0;
}

/** 0 if the kernel does not tell. */
function getNumber(libc: Libc, descriptor: number, request: number): number {
  const bytes = new Uint8Array(4);
  if (libc.ioctl(descriptor, request, bytes) < 0) return 0;
  return new DataView(bytes.buffer).getUint32(0, LITTLE_ENDIAN);
}
