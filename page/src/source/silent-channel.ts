/** A channel on which nobody speaks: nothing is open yet. */
import type { PageChannel } from "../../../src/inspect/protocol.ts";

export function silentChannel(): PageChannel {
  return { send: () => {}, onMessage: undefined, onClosed: undefined, close: () => {} };
}
