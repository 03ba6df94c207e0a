/**
 * Views that stand at the shared cursor lead back to the present; nothing where there is no cursor. The focus
 * stays in the view when the way back is not there any more.
 */
import type { ViewProps } from "../state/session.ts";
import { type Dictionary, wordsOf } from "../text/language.ts";

const WORDS: Dictionary<string> = { en: "Back to now", "zh-CN": "回到现在" };

const words = wordsOf(WORDS);

export function BackToNow({ session }: ViewProps) {
  if (session.cursor.value === undefined) return null;
  const leave = (button: HTMLElement): void => {
    button.closest<HTMLElement>("[tabindex]")?.focus();
    session.cursor.value = undefined;
  };
  return (
    <button type="button" onClick={event => leave(event.currentTarget)}>
      {words.value}
    </button>
  );
}
