/**
 * Control messages of sendmsg and recvmsg: struct cmsghdr on a 64-bit machine (a length of 8 bytes, level,
 * type), each padded to 8 bytes. RFC 3542 §20.
 */
import { MSG_CTRUNC } from "./constants.ts";

export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

const HEADER_SIZE = 16;
const ALIGNMENT = 8;

/** CMSG_LEN: what `cmsg_len` says for so much data. */
export function controlLength(dataLength: number): number {
  return HEADER_SIZE + dataLength;
}

/** CMSG_SPACE: the room that a message with so much data takes. */
export function controlSpace(dataLength: number): number {
  return HEADER_SIZE + Math.ceil(dataLength / ALIGNMENT) * ALIGNMENT;
}

/** The messages in a buffer, or undefined when it is malformed. */
export function readControl(bytes: Uint8Array): ControlMessage[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: ControlMessage[] = [];
  for (let at = 0; at + HEADER_SIZE <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < HEADER_SIZE || at + length > bytes.length || view.getUint32(at + 4, true) !== 0)
      return undefined;
    const data = bytes.subarray(at + HEADER_SIZE, at + length);
    messages.push({ level: view.getInt32(at + 8, true), type: view.getInt32(at + 12, true), data });
    at += controlSpace(length - HEADER_SIZE);
  }
  return messages;
}

/** The messages as the bytes that sendmsg takes. */
export function controlBytes(messages: readonly ControlMessage[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, { data }) => sum + controlSpace(data.length), 0));
  const writer = new ControlWriter(bytes);
  for (const { level, type, data } of messages) writer.put(level, type, data);
  return bytes;
}

/** Fills recvmsg's control buffer: what does not fit is cut off, and MSG_CTRUNC says so. */
export class ControlWriter {
  /** MSG_CTRUNC or 0. */
  flags = 0;
  readonly #bytes: Uint8Array | null;
  #used = 0;

  constructor(bytes: Uint8Array | null) {
    this.#bytes = bytes;
  }

  get used(): number {
    return this.#used;
  }

  put(level: number, type: number, data: Uint8Array): void {
    const bytes = this.#bytes;
    const room = (bytes?.length ?? 0) - this.#used;
    if (bytes === null || room < HEADER_SIZE) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    const length = Math.min(controlLength(data.length), room);
    if (length < controlLength(data.length)) this.flags |= MSG_CTRUNC;
    const view = new DataView(bytes.buffer, bytes.byteOffset + this.#used, length);
    view.setBigUint64(0, BigInt(length), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    bytes.set(data.subarray(0, length - HEADER_SIZE), this.#used + HEADER_SIZE);
    this.#used += Math.min(controlSpace(data.length), room);
  }

  putInt(level: number, type: number, value: number): void {
    this.put(level, type, int32(value));
  }
}

/** An int in memory. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
