/**
 * Two joined sockets of the kernel's, by their descriptors: one takes a datagram for each write, as a TUN device
 * takes a frame, and refuses when too much of it has not been read at the other.
 */
import { createRequire } from "node:module";
import { type Libc, loadLibc } from "../../src/node/ffi.ts";
import { Uring } from "../../src/node/uring.ts";

const AF_UNIX = 1;
/** A datagram for each write, and writes without waiting. */
const SOCK_DGRAM_NONBLOCK = 0o4002;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;

type SocketPair = (domain: number, type: number, protocol: number, both: Int32Array) => number;
interface Koffi {
  load(path: null): { func(definition: string): unknown };
}

export interface DatagramPair {
  readonly libc: Libc;
  readonly near: number;
  readonly far: number;
  /** Size and first byte of each datagram that is there to be read at the far end. */
  arrived(): number[][];
  close(): void;
}

/** @param sendBuffer bytes, those included that the kernel keeps beside; the kernel has a least */
export function datagramPair(sendBuffer?: number): DatagramPair {
  const libc = loadLibc();
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const socketpair = koffi
    .load(null)
    .func("int socketpair(int domain, int type, int protocol, _Out_ int *both)") as SocketPair;
  const both = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0, both) < 0) throw new Error("no pair of sockets");
  const [near = -1, far = -1] = both;
  if (sendBuffer !== undefined) libc.setsockopt(near, SOL_SOCKET, SO_SNDBUF, int32(sendBuffer), 4);
  return {
    libc,
    near,
    far,
    arrived: () => arrivedAt(libc, far),
    close() {
      for (const descriptor of both) libc.close(descriptor);
    },
  };
}

/** Whether this kernel has no io_uring for us. */
export function refusesUring(): boolean {
  const uring = Uring.open(loadLibc(), 8);
  uring?.close();
  return uring === undefined;
}

function arrivedAt(libc: Libc, descriptor: number): number[][] {
  const frames: number[][] = [];
  const into = new Uint8Array(10_000);
  for (;;) {
    const size = libc.read(descriptor, into, into.length);
    if (size < 0) return frames;
    frames.push([size, into[0] as number]);
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
