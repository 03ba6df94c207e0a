/** struct msghdr: what sendmsg and recvmsg are given, and what recvmsg reports in it. */
import { giveAddress, givenAddress } from "./addresses.ts";
import { ControlWriter, readControl } from "./control-messages.ts";
import type { Errno } from "./errno.ts";
import type { IncomingMessage, OutgoingMessage } from "./socket-file.ts";
import { type IoVector, MOST_VECTORS, UserMemory } from "./user-memory.ts";

export interface MessageHeader {
  /** msg_name: the address to send to, or room for the sender's; `nameLength` becomes the address's. */
  name?: Uint8Array | null;
  nameLength?: number;
  /** msg_iov. */
  vectors: readonly IoVector[];
  /** msg_control: messages to send, or room for received ones; `controlLength` becomes what they take. */
  control?: Uint8Array | null;
  controlLength?: number;
  /** MSG_ flags that recvmsg reports. */
  flags?: number;
}

export function messageToSend(header: MessageHeader): OutgoingMessage | Errno {
  if (header.vectors.length > MOST_VECTORS) return "EMSGSIZE";
  const memory = new UserMemory(header.vectors);
  const controlLength = header.controlLength ?? header.control?.length ?? 0;
  if (controlLength > 0 && (header.control === undefined || header.control === null)) return "EFAULT";
  const control = readControl((header.control ?? NOTHING).subarray(0, controlLength));
  if (control === undefined) return "EINVAL";
  if (header.name === undefined || header.name === null) return { memory, address: undefined, control };
  const address = givenAddress(header.name, header.nameLength);
  return typeof address === "string" ? address : { memory, address, control };
}

export function messageToFill(header: MessageHeader): IncomingMessage | Errno {
  if (header.vectors.length > MOST_VECTORS) return "EMSGSIZE";
  if ((header.nameLength ?? 0) < 0) return "EINVAL";
  const controlLength = header.controlLength ?? header.control?.length ?? 0;
  const room = header.control?.subarray(0, controlLength) ?? null;
  const memory = new UserMemory(header.vectors);
  return { memory, address: undefined, control: new ControlWriter(room), flags: 0 };
}

export function reportMessage(header: MessageHeader, message: IncomingMessage): Errno | undefined {
  header.flags = message.flags | (message.control?.flags ?? 0);
  header.controlLength = message.control?.used ?? 0;
  const name = header.name ?? null;
  if (name === null) {
    header.nameLength = 0;
    return undefined;
  }
  const out = { bytes: name, length: header.nameLength ?? name.length };
  const error = giveAddress(out, message.address ?? NOTHING);
  header.nameLength = out.length;
  return error;
}

const NOTHING = new Uint8Array(0);
