/** What scenes tell is there in both languages, and fit to be read. */
import { describe, expect, test } from "vitest";
import { CATALOG } from "./catalog.ts";
import { remarksOf, type SceneDescription, type Words } from "./description.ts";

function wordsOf(description: SceneDescription): Words[] {
  const { title, summary, about } = description;
  return [title, summary, about, ...remarksOf(description).map(({ words }) => words)];
}

const HAN = /\p{Script=Han}/u;

describe.each(CATALOG.map(description => [description.id, description] as const))(
  "%s",
  (_id, description) => {
    test("every text is there in English and in Chinese", () => {
      for (const { en, "zh-CN": zh } of wordsOf(description)) {
        expect(en).toMatch(/^[A-Z].*[^\s]$/);
        expect(en).not.toMatch(HAN);
        expect(zh).toMatch(HAN);
      }
    });

    test("sentences end, and nothing is doubled or left open", () => {
      const { summary, about } = description;
      for (const { en, "zh-CN": zh } of [
        summary,
        about,
        ...remarksOf(description).map(({ words }) => words),
      ]) {
        expect(en).toMatch(/[.!?]$/);
        expect(zh).toMatch(/[。！？]$/);
        expect(en).not.toMatch(/ {2}|\b(\w+) \1\b/);
        for (const [open, close] of ["()", "（）"]) {
          expect(count(en + zh, open as string)).toBe(count(en + zh, close as string));
        }
        // Half-width punctuation between Chinese characters, and spaces that a line break left.
        expect(zh).not.toMatch(/[\p{Script=Han}][,;:?!(]|[\p{Script=Han}] [\p{Script=Han}]/u);
      }
    });

    test("the languages name the same documents", () => {
      for (const { en, "zh-CN": zh } of wordsOf(description)) {
        expect(documentsIn(zh)).toEqual(documentsIn(en));
      }
    });
  },
);

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

function documentsIn(text: string): string[] {
  return [...text.matchAll(/RFC \d+|§[\d.]*\d/g)].map(([name]) => name).sort();
}
