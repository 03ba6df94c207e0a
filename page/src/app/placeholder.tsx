/** Stands where a view will be. */
import { wordsOf } from "../text/language.ts";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

export function Placeholder() {
  return <p>{words.value.soon}</p>;
}
