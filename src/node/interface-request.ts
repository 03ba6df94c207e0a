/** What is asked of an interface of the kernel by name: struct ifreq, netdevice(7). */
import { cannotSetMtu } from "./device-error.ts";
import { AF_INET, errnoName, type Libc, SOCK_DGRAM } from "./ffi.ts";

const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
/** struct ifreq: a name of 16 bytes, then a union of at most 24. */
const IFREQ_SIZE = 40;
export const IFNAMSIZ = 16;

/** The kernel's structures are in the machine's byte order. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(IFREQ_SIZE);
  request.set(Buffer.from(name));
  return request;
}

/** Sets the MTU where one was asked for and differs (it takes a right), and answers what it is. */
export function agreeMtu(libc: Libc, name: string, wanted: number | undefined): number {
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
