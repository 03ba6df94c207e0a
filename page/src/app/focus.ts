/** Where the focus goes when what had it is not there any more: never to nowhere. */
import type { ViewId } from "../state/view-id.ts";

/** Its pane may only be there with the next picture. */
export function focusView(id: ViewId): void {
  requestAnimationFrame(() => document.getElementById(`view-${id}`)?.focus());
}

export function focusWorkspace(): void {
  document.getElementById("workspace")?.focus();
}
