/**
 * TUN and TAP devices of the Linux kernel: Documentation/networking/tuntap.rst. Frames without the packet
 * information header (IFF_NO_PI), and with a virtio header (IFF_VNET_HDR) where the kernel grants offloads:
 * super-segments and unfinished checksums then pass both ways (node/offload-framing).
 *
 * A wake-up reads up to 64 frames in one task of the scheduler, which then polls the hosts: a burst is
 * processed whole before anything is answered.
 */
import type { Scheduler } from "../base/event-queue.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import {
  type FrameSink,
  fitsMtu,
  type NetDevice,
  NO_OFFLOAD,
  newDeviceCounters,
  type Offload,
} from "../link/net-device.ts";
import { VIRTIO_NET_HEADER_SIZE } from "../wire/virtio-net.ts";
import { cannotAttach, cannotOpenControl, cannotSetMtu, checkName, DeviceError } from "./device-error.ts";
import {
  AF_INET,
  EAGAIN,
  EINTR,
  errnoName,
  type Libc,
  loadLibc,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  type Ready,
  SOCK_DGRAM,
  type Watch,
} from "./ffi.ts";
import { insideNetns } from "./netns.ts";
import { FULL_OFFLOAD, OffloadFraming } from "./offload-framing.ts";

export interface TunOptions {
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
  /** The driver: it runs the reads, and polls the hosts after them. */
  readonly scheduler: Scheduler;
  /** The device was taken away (`ip link del`). It is closed by then. */
  readonly onLost?: ((error: DeviceError) => void) | undefined;
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
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
/** struct ifreq: a name of 16 bytes, then a union of at most 24. */
const IFREQ_SIZE = 40;
const IFNAMSIZ = 16;

const FRAMES_PER_WAKE = 64;
/** A burst of super-segments ends sooner: what was read is to be in the processor's cache when it is used. */
const BYTES_PER_WAKE = 512 * 1_024;
/** The largest frame: 64 KiB − 1 of IP behind an Ethernet header and a VLAN tag. */
const READ_SIZE = 65_535 + 18;

/** @throws DeviceError, with a sentence for the user. */
export function openTun(options: TunOptions, libc: Libc = loadLibc()): TunDevice {
  if (options.name !== undefined) checkName(options.name);
  const open = () => openInterface(libc, options);
  const opened = options.netns === undefined ? open() : insideNetns(libc, options.netns, open);
  return new TunDevice(libc, opened, options);
}

export interface OpenedInterface {
  readonly descriptor: number;
  readonly name: string;
  readonly mtu: number;
  /** Frames have a virtio header before them, and may be super-segments. */
  readonly offload: boolean;
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
    return { descriptor, name, mtu: agreeMtu(libc, name, options.mtu), offload };
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
 * Headers of ten bytes, little-endian; and the kernel may hand us super-segments and unfinished checksums. What
 * it accepts from us needs no leave.
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

/** The kernel's structures are in the machine's byte order. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ_SIZE);
  request.set(Buffer.from(name));
  return request;
}

/** Sets the MTU where one was asked for and differs (it takes a right), and answers what it is. */
function agreeMtu(libc: Libc, name: string, wanted: number | undefined): number {
  const socket = libc.socket(AF_INET, SOCK_DGRAM, 0);
  if (socket < 0) throw cannotSetMtu(errnoName(libc.errno()), name, wanted ?? 0);
  try {
    const request = interfaceRequest(name);
    const fields = new DataView(request.buffer);
    if (libc.ioctl(socket, SIOCGIFMTU, request) < 0) throw cannotSetMtu(errnoName(libc.errno()), name, 0);
    const current = fields.getInt32(IFNAMSIZ, LITTLE_ENDIAN);
    if (wanted === undefined || wanted === current) return current;
    fields.setInt32(IFNAMSIZ, wanted, LITTLE_ENDIAN);
    if (libc.ioctl(socket, SIOCSIFMTU, request) < 0) {
      throw cannotSetMtu(errnoName(libc.errno()), name, wanted);
    }
    return wanted;
  } finally {
    libc.close(socket);
  }
}

export class TunDevice implements NetDevice {
  readonly name: string;
  readonly medium: "ethernet" | "ip";
  readonly mtu: number;
  readonly offload: Offload;
  readonly counters = newDeviceCounters();

  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #scheduler: Scheduler;
  readonly #onLost: ((error: DeviceError) => void) | undefined;
  readonly #watch: Watch;

  /** Undefined: no virtio headers. */
  readonly #framing: OffloadFraming | undefined;
  readonly #frame = new PacketBuffer(HEADROOM + READ_SIZE);
  readonly #storage = this.#frame.bytes;
  /** Frames are read so that the IP header lies at `HEADROOM`, whatever comes before it. */
  readonly #readAt: number;
  readonly #readInto: Uint8Array;
  readonly #views = new TailViews();

  #sink: FrameSink | undefined;
  #isReading = false;
  #isFull = false;
  #isClosed = false;

  constructor(
    libc: Libc,
    opened: OpenedInterface,
    options: Pick<TunOptions, "kind" | "scheduler" | "onLost">,
  ) {
    this.name = opened.name;
    this.mtu = opened.mtu;
    this.medium = options.kind === "tun" ? "ip" : "ethernet";
    this.offload = opened.offload ? FULL_OFFLOAD : NO_OFFLOAD;
    this.#framing = opened.offload ? new OffloadFraming(this.medium) : undefined;
    this.#readAt = HEADROOM - (opened.offload ? VIRTIO_NET_HEADER_SIZE : 0);
    this.#readInto = this.#storage.subarray(this.#readAt);
    this.#libc = libc;
    this.#descriptor = opened.descriptor;
    this.#scheduler = options.scheduler;
    this.#onLost = options.onLost;
    this.#watch = libc.watch(opened.descriptor, ready => this.#ready(ready));
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
  }

  transmit(frame: PacketBuffer): boolean {
    const length = frame.end - frame.start;
    const isSuper = frame.segmentSize > 0 && this.#framing !== undefined;
    if (this.#isClosed || !(isSuper || fitsMtu(frame, this.medium, this.mtu))) {
      this.counters.dropped++;
      return true;
    }
    if (this.#isFull) return false;
    const framed = this.#framing?.wrap(frame) ?? frame;
    const from = this.#views.from(framed.bytes, framed.start - (this.#framing ? VIRTIO_NET_HEADER_SIZE : 0));
    const size = length + (this.#framing ? VIRTIO_NET_HEADER_SIZE : 0);
    for (;;) {
      if (this.#libc.write(this.#descriptor, from, size) >= 0) break;
      const errno = this.#libc.errno();
      if (errno === EINTR) continue;
      if (errno === EAGAIN) {
        this.#isFull = true;
        this.#watch.wantWritable(true);
        return false;
      }
      // EIO: the kernel's side is down. EINVAL: it is no IP packet. Either way the frame is gone.
      this.counters.dropped++;
      return true;
    }
    this.counters.transmittedFrames++;
    this.counters.transmittedBytes += length;
    return true;
  }

  /** Keeps the process alive while the device is open (so it is at first), or not. */
  ref(): void {
    if (!this.#isClosed) this.#watch.ref();
  }

  unref(): void {
    if (!this.#isClosed) this.#watch.unref();
  }

  /** Removes the interface from the kernel, unless it was made beforehand to persist. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    this.#libc.close(this.#descriptor);
  }

  /** Called by the event loop, where nothing may be thrown: the work is left to the scheduler. */
  #ready(ready: Ready): void {
    if (this.#isClosed) return;
    if (ready.failed) {
      this.close();
      const lost = new DeviceError("ENODEV", `The device ${this.name} was removed.`);
      this.#scheduler.schedule(this.#scheduler.now(), () => this.#onLost?.(lost));
      return;
    }
    if (ready.readable) this.#readSoon();
    if (ready.writable && this.#isFull) {
      this.#isFull = false;
      this.#watch.wantWritable(false);
      this.#scheduler.schedule(this.#scheduler.now(), () => this.#room());
    }
  }

  #room(): void {
    if (!this.#isClosed && !this.#isFull) this.#sink?.writable();
  }

  #readSoon(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#scheduler.schedule(this.#scheduler.now(), () => {
      this.#isReading = false;
      this.#readBurst();
    });
  }

  #readBurst(): void {
    for (let i = 0, bytes = 0; i < FRAMES_PER_WAKE && bytes < BYTES_PER_WAKE; i++) {
      if (this.#isClosed) return;
      const length = this.#libc.read(this.#descriptor, this.#readInto, READ_SIZE);
      // EAGAIN: that was all. Anything else (EBADFD, EIO) shows in the next wake-up.
      if (length <= 0) return;
      bytes += length;
      this.#received(length);
    }
    this.#readSoon();
  }

  #received(length: number): void {
    const frame = this.#frame;
    frame.bytes = this.#storage;
    frame.reset(this.#readAt);
    frame.end = this.#readAt + length;
    if (this.#sink === undefined || this.#framing?.unwrap(frame) === false) {
      this.counters.dropped++;
      return;
    }
    this.counters.receivedFrames++;
    this.counters.receivedBytes += frame.length;
    frame.receivedAt = this.#scheduler.now();
    this.#sink.receive(frame);
  }
}

/** Views of a buffer from some offset to its end. Packets begin at a few places only: no view a packet. */
class TailViews {
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #views: Array<Uint8Array | undefined> = [];

  from(bytes: Uint8Array, start: number): Uint8Array {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#views.length = 0;
    }
    let view = this.#views[start];
    if (view === undefined) {
      view = bytes.subarray(start);
      this.#views[start] = view;
    }
    return view;
  }
}
