/** Light or dark: the system's, unless the user has chosen. */
import { effect, signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const THEMES = ["system", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

const KEPT = "theme";

const before = kept(KEPT);

export const theme = signal<Theme>(THEMES.find(name => name === before) ?? "system");

export function chooseTheme(next: Theme): void {
  theme.value = next;
  keep(KEPT, next);
}

/** The tokens of the style sheet go by this attribute. */
export function followTheme(root: HTMLElement): void {
  effect(() => {
    if (theme.value === "system") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme.value);
  });
}
