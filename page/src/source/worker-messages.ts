/** What the page and its worker say to each other beside the protocol: what to open, and how much was taken. */
import type { FromPage } from "../../../src/inspect/protocol.ts";

export type ToWorker =
  | { readonly kind: "open"; readonly scene: string; readonly seed: number | undefined }
  | { readonly kind: "said"; readonly message: FromPage }
  /** So many messages have been taken so far. */
  | { readonly kind: "taken"; readonly messages: number };
