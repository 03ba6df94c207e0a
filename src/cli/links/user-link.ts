import type { CommandLink, Decorate } from "./command-link.ts";
export function openUserLink(_decorate: Decorate): CommandLink {
  throw new Error("not yet");
}
