/**
 * Keys without Ctrl. They rest while the user writes, and can be turned off (WCAG 2.1.4); what has the focus
 * comes first: a view that has taken a key says so by `preventDefault`.
 */
import { signal } from "@preact/signals";
import { keep, kept } from "../state/kept.ts";
import { session } from "../state/opened.ts";
import { chooseTheme, THEMES, theme } from "../state/theme.ts";
import { VIEW_IDS, type ViewId } from "../state/view-id.ts";
import { breadth, changeColumns, isPane, shownViews, showView, toggleView } from "../state/workspace.ts";
import { focusView } from "./focus.ts";
import type { ShortcutName } from "./words.ts";

const KEPT = "shortcuts";

export const areShortcutsOn = signal(kept(KEPT) !== "off");
export const isHelpOpen = signal(false);

export function turnShortcuts(on: boolean): void {
  areShortcutsOn.value = on;
  keep(KEPT, on ? "on" : "off");
}

/** As the help shows them. */
export const SHORTCUT_KEYS: Readonly<Record<ShortcutName, readonly string[]>> = {
  filter: ["/"],
  rows: ["j", "k"],
  views: VIEW_IDS.map((_, index) => String((index + 1) % 10)),
  pause: ["Space"],
  step: ["."],
  columns: ["[", "]"],
  theme: ["t"],
  open: ["o"],
  help: ["?"],
};

type Action = (event: KeyboardEvent) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  "/": focusFilter,
  j: () => moveRow(1),
  k: () => moveRow(-1),
  " ": pauseOrResume,
  ".": () => control("step"),
  "[": () => changeColumns(-1),
  "]": () => changeColumns(1),
  t: nextTheme,
  o: () => document.querySelector<HTMLInputElement>("[data-open-file]")?.click(),
  "?": () => {
    isHelpOpen.value = true;
  },
};

export function listenForShortcuts(): void {
  addEventListener("keydown", event => {
    if (!areShortcutsOn.value || isTaken(event)) return;
    const view = /^\d$/.test(event.key) ? VIEW_IDS[(Number(event.key) + 9) % 10] : undefined;
    const action = view === undefined ? ACTIONS[event.key] : () => goTo(view);
    if (action === undefined) return;
    event.preventDefault();
    action(event);
  });
}

function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target as Element | null;
  if (target?.closest("input:not([type=checkbox]), select, textarea, dialog[open]")) return true;
  return event.key === " " && target?.closest("button, a, summary, input, [role=button]") !== null;
}

/** A view that is there already is left, unless it is where one is. */
function goTo(view: ViewId): void {
  const place = document.getElementById(`view-${view}`);
  const isHere = place?.contains(document.activeElement) === true;
  if (breadth.value === "wide" && isPane(view) && shownViews.value.includes(view) && isHere) toggleView(view);
  else showView(view);
  focusView(view);
}

/** That of the view that has the focus, else the first. */
function focusFilter(): void {
  const here = document.activeElement?.closest("[id^=view-]");
  const filter =
    here?.querySelector<HTMLElement>("[data-filter]") ?? document.querySelector<HTMLElement>("[data-filter]");
  filter?.focus();
}

/** Tables with rows hear the keys themselves; from elsewhere they move the row of the first table. */
function moveRow(by: 1 | -1): void {
  const here = document.activeElement?.closest("[id^=view-]");
  const rows =
    here?.querySelector<HTMLElement>("[data-rows]") ?? document.querySelector<HTMLElement>("[data-rows]");
  rows?.focus({ preventScroll: true });
  rows?.dispatchEvent(
    new KeyboardEvent("keydown", { key: by === 1 ? "ArrowDown" : "ArrowUp", bubbles: true }),
  );
}

function pauseOrResume(): void {
  control(session.value.clock.value?.state === "paused" ? "resume" : "pause");
}

function control(action: "pause" | "resume" | "step"): void {
  if (session.value.hello.value?.abilities.time === true) session.value.send({ type: "control", action });
}

function nextTheme(): void {
  chooseTheme(THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system");
}
