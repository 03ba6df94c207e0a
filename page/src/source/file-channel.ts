/** A channel to a file that a Web Worker of the page reads. */
import type { PageChannel } from "../../../src/inspect/protocol.ts";
import { silentChannel } from "./silent-channel.ts";

export function openFileChannel(_file: Blob, _name: string): PageChannel {
  return silentChannel();
}
