/**
 * The page's languages. A view keeps its words beside it, as a `Dictionary`: the compiler sees that no
 * language lacks one.
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { keep, kept } from "../state/kept.ts";

export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;

export type Language = keyof typeof LANGUAGES;

export type Dictionary<Words> = Readonly<Record<Language, Words>>;

const KEPT = "language";

export const language = signal<Language>(chosen());

export function chooseLanguage(next: Language): void {
  language.value = next;
  keep(KEPT, next);
}

/** The words of a view, in the language of the moment. */
export function wordsOf<Words>(dictionary: Dictionary<Words>): ReadonlySignal<Words> {
  return computed(() => dictionary[language.value]);
}

/** Browsers and screen readers choose glyphs and voices by it. */
export function followLanguage(root: HTMLElement): void {
  effect(() => {
    root.lang = language.value;
  });
}

/** What was chosen before, else what the browser asks for. */
function chosen(): Language {
  const before = kept(KEPT);
  if (before === "en" || before === "zh-CN") return before;
  const wanted = globalThis.navigator?.languages ?? [];
  return wanted.some(name => name.toLowerCase().startsWith("zh")) ? "zh-CN" : "en";
}
