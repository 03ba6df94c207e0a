/**
 * Which views stand beside each other. On a wide screen the table and the controls have places of their own,
 * and the workspace has room for a few views; on a narrow one there is room for one of all.
 */
import { computed, effect, signal } from "@preact/signals";
import { VIEW_IDS, type ViewId } from "./view-id.ts";

/** Panes beside each other, the oldest choice first. */
const chosen = signal<readonly ViewId[]>(["sequence", "ladder"]);

export type Breadth = "narrow" | "wide";

export const breadth = signal<Breadth>("wide");
export const columns = signal(2);
/** The table stands above the workspace, unless it is folded away. */
export const isTableOpen = signal(true);

/** In the order of the views, so that a view has its side. */
export const shownViews = computed<readonly ViewId[]>(() => {
  const room = breadth.value === "narrow" ? 1 : columns.value;
  const fitting = chosen.value.filter(id => breadth.value === "narrow" || isPane(id)).slice(-room);
  const shown = VIEW_IDS.filter(id => fitting.includes(id));
  return shown.length > 0 ? shown : ["ladder"];
});

/** On a wide screen these have a place of their own. */
export function isPane(id: ViewId): boolean {
  return id !== "connections" && id !== "controls";
}

export const MOST_COLUMNS = 4;

export function changeColumns(by: number): void {
  columns.value = Math.max(1, Math.min(MOST_COLUMNS, columns.value + by));
}

/** Brings a view in, beside what is there as far as there is room. */
export function showView(id: ViewId): void {
  if (id === "connections") isTableOpen.value = true;
  chosen.value = remembered([...chosen.value.filter(other => other !== id), id]);
}

/** Just these; on a narrow screen the last. */
export function showViews(ids: readonly ViewId[]): void {
  if (ids.length === 0) return;
  chosen.value = ids;
  columns.value = Math.min(MOST_COLUMNS, Math.max(columns.value, ids.filter(isPane).length));
}

export function hideView(id: ViewId): void {
  // Those that had no room do not come back by themselves.
  const left = shownViews.value.filter(other => other !== id);
  if (left.length > 0) chosen.value = left;
}

/** What a view's button does: in if it is out, and out if another one is left. */
export function toggleView(id: ViewId): void {
  if (breadth.value === "wide" && shownViews.value.includes(id)) hideView(id);
  else showView(id);
}

function remembered(ids: readonly ViewId[]): readonly ViewId[] {
  return ids.slice(-VIEW_IDS.length);
}

/** How much room there is goes by the window. */
export function followBreadth(): void {
  const wide = matchMedia("(min-width: 60rem)");
  const measure = (): void => {
    breadth.value = wide.matches ? "wide" : "narrow";
  };
  wide.addEventListener("change", measure);
  measure();
  effect(() => {
    document.documentElement.dataset["breadth"] = breadth.value;
  });
}
