/** The views, in the order of their keys: `1` is the first, `0` the tenth. */
export const VIEW_IDS = [
  "connections",
  "ladder",
  "sequence",
  "states",
  "windows",
  "timers",
  "packets",
  "controls",
  "scenes",
  "findings",
] as const;

export type ViewId = (typeof VIEW_IDS)[number];

export function isViewId(text: string): text is ViewId {
  return VIEW_IDS.some(id => id === text);
}
