/** A channel to a scene that runs in a Web Worker of the page. */
import type { PageChannel } from "../../../src/inspect/protocol.ts";
import { silentChannel } from "./silent-channel.ts";

export function openSceneChannel(_scene: string, _seed: number | undefined): PageChannel {
  return silentChannel();
}
