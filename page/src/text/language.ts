/**
 * The page's languages. A view keeps its words beside it, as a `Dictionary`: the compiler sees that no
 * language lacks one.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";

export const LANGUAGES = { en: "English", "zh-CN": "简体中文" } as const;

export type Language = keyof typeof LANGUAGES;

export type Dictionary<Words> = Readonly<Record<Language, Words>>;

const KEPT = "postel.language";

export const language = signal<Language>(chosen());

export function chooseLanguage(next: Language): void {
  language.value = next;
  localStorage.setItem(KEPT, next);
}

/** The words of a view, in the language of the moment. */
export function wordsOf<Words>(dictionary: Dictionary<Words>): ReadonlySignal<Words> {
  return computed(() => dictionary[language.value]);
}

/** What was chosen before, else what the browser asks for. */
function chosen(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "zh-CN") return kept;
  return navigator.languages.some(wanted => wanted.toLowerCase().startsWith("zh")) ? "zh-CN" : "en";
}
