/**
 * Packet sockets of Linux: packet(7). A host on an interface that the kernel has already, such as one end of
 * a veth pair or a port of a bridge: it shares the wire with the kernel, and its frames pass with a virtio
 * header (PACKET_VNET_HDR), so that super-segments and unfinished checksums stay whole.
 *
 * The interface should have no address of its own, or the kernel answers too: above all with RST for
 * connections that it does not know.
 */

import { release } from "node:os";
import { NO_OFFLOAD } from "../link/net-device.ts";
import { FULL_OFFLOAD } from "../link/segmentation.ts";
import { DescriptorDevice, type DescriptorDeviceOptions, type OpenedInterface } from "./descriptor-device.ts";
import { checkName, DeviceError } from "./device-error.ts";
import { errnoName, type Libc, loadLibc } from "./ffi.ts";
import { agreeMtu, IFNAMSIZ, interfaceRequest, LITTLE_ENDIAN } from "./interface-request.ts";
import { insideNetns } from "./netns.ts";
import { type Granted, NO_USO } from "./tun-offload.ts";

export interface PacketSocketOptions extends DescriptorDeviceOptions {
  /** The interface's name, as `ip link` shows it. */
  readonly name: string;
  /** The name or the path of the network namespace that it is in. */
  readonly netns?: string | undefined;
  /** Super-segments and checksums left to the kernel: on unless false. */
  readonly offload?: boolean | undefined;
}

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETH_P_ALL = 0x0003;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_VNET_HDR = 15;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
const SIOCGIFINDEX = 0x8933;
const SIOCGIFFLAGS = 0x8913;
const IFF_UP = 1;
const SIOCGIFHWADDR = 0x8927;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** struct sockaddr_ll and struct packet_mreq. */
const SOCKADDR_LL_SIZE = 20;
const PACKET_MREQ_SIZE = 16;

const NO_HEADERS =
  "This kernel's packet sockets have no virtio headers: frames pass one by one, with checksums.";

/** @throws DeviceError, with a sentence for the user. */
export function openPacketSocket(options: PacketSocketOptions, libc: Libc = loadLibc()): DescriptorDevice {
  checkName(options.name);
  const open = () => openSocket(libc, options);
  const opened = options.netns === undefined ? open() : insideNetns(libc, options.netns, open);
  return new DescriptorDevice(libc, opened, options);
}

function openSocket(libc: Libc, { name, offload = true }: PacketSocketOptions): OpenedInterface {
  // Protocol 0 receives nothing before it is bound: no frame of another interface slips in.
  const descriptor = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw cannotOpen(errnoName(libc.errno()), name);
  try {
    const index = indexOf(libc, descriptor, name);
    checkEthernet(libc, descriptor, name);
    checkUp(libc, descriptor, name);
    const granted = offload ? agreeOffload(libc, descriptor) : { offload: NO_OFFLOAD };
    set(libc, descriptor, PACKET_IGNORE_OUTGOING, number(1));
    joinAll(libc, descriptor, index, name);
    bind(libc, descriptor, index, name);
    return { descriptor, name, medium: "ethernet", mtu: agreeMtu(libc, name, undefined), ...granted };
  } catch (error) {
    libc.close(descriptor);
    throw error;
  }
}

function agreeOffload(libc: Libc, descriptor: number): Granted {
  if (!set(libc, descriptor, PACKET_VNET_HDR, number(1))) return { offload: NO_OFFLOAD, notes: [NO_HEADERS] };
  if (joinsDatagrams(release())) return { offload: FULL_OFFLOAD, notes: [] };
  return { offload: { ...FULL_OFFLOAD, cutsUdp: false }, notes: [NO_USO] };
}

/** Nothing but its version tells whether the kernel takes super-datagrams here: since Linux 6.2. */
export function joinsDatagrams(release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map(part => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 2);
}

function indexOf(libc: Libc, descriptor: number, name: string): number {
  const request = interfaceRequest(name);
  if (libc.ioctl(descriptor, SIOCGIFINDEX, request) < 0) throw cannotOpen(errnoName(libc.errno()), name);
  return new DataView(request.buffer).getInt32(IFNAMSIZ, LITTLE_ENDIAN);
}

function checkEthernet(libc: Libc, descriptor: number, name: string): void {
  const request = interfaceRequest(name);
  if (libc.ioctl(descriptor, SIOCGIFHWADDR, request) < 0) throw cannotOpen(errnoName(libc.errno()), name);
  const type = new DataView(request.buffer).getUint16(IFNAMSIZ, LITTLE_ENDIAN);
  if (type === ARPHRD_ETHER || type === ARPHRD_LOOPBACK) return;
  throw new DeviceError("EINVAL", `${name} carries no Ethernet frames: choose an interface that does.`);
}

function checkUp(libc: Libc, descriptor: number, name: string): void {
  const request = interfaceRequest(name);
  if (libc.ioctl(descriptor, SIOCGIFFLAGS, request) < 0) throw cannotOpen(errnoName(libc.errno()), name);
  const flags = new DataView(request.buffer).getUint16(IFNAMSIZ, LITTLE_ENDIAN);
  if ((flags & IFF_UP) !== 0) return;
  throw new DeviceError("ENETDOWN", `${name} is down: set it up first (sudo ip link set ${name} up).`);
}

/** Our host has an address of its own: the interface must not filter by its one. */
function joinAll(libc: Libc, descriptor: number, index: number, name: string): void {
  const request = new Uint8Array(PACKET_MREQ_SIZE);
  const fields = new DataView(request.buffer);
  fields.setInt32(0, index, LITTLE_ENDIAN);
  fields.setUint16(4, PACKET_MR_PROMISC, LITTLE_ENDIAN);
  if (!set(libc, descriptor, PACKET_ADD_MEMBERSHIP, request)) throw cannotOpen(errnoName(libc.errno()), name);
}

function bind(libc: Libc, descriptor: number, index: number, name: string): void {
  const address = new Uint8Array(SOCKADDR_LL_SIZE);
  const fields = new DataView(address.buffer);
  fields.setUint16(0, AF_PACKET, LITTLE_ENDIAN);
  fields.setUint16(2, ETH_P_ALL);
  fields.setInt32(4, index, LITTLE_ENDIAN);
  if (libc.bind(descriptor, address, SOCKADDR_LL_SIZE) < 0) throw cannotOpen(errnoName(libc.errno()), name);
}

function set(libc: Libc, descriptor: number, option: number, value: Uint8Array): boolean {
  return libc.setsockopt(descriptor, SOL_PACKET, option, value, value.length) === 0;
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, LITTLE_ENDIAN);
  return bytes;
}

function cannotOpen(code: string, name: string): DeviceError {
  switch (code) {
    case "EPERM":
    case "EACCES":
      return new DeviceError(
        code,
        `A packet socket on ${name} needs root or CAP_NET_RAW: run this as root (sudo).`,
      );
    case "ENODEV":
    case "ENXIO":
      return new DeviceError(code, `There is no interface ${name}: ip link shows those that there are.`);
    case "EAFNOSUPPORT":
      return new DeviceError(
        code,
        "This kernel has no packet sockets: load the module (sudo modprobe af_packet).",
      );
    default:
      return new DeviceError(code, `Opening a packet socket on ${name} failed with ${code}.`);
  }
}
