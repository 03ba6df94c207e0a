/** Buttons of the time-sequence view: what stretch of time it shows. */
import type { Signal } from "@preact/signals";
import { wordsOf } from "../../text/language.ts";
import styles from "./sequence.module.css";
import type { SequenceHand } from "./sequence-hand.ts";
import type { Look } from "./time-range.ts";
import { SEQUENCE_WORDS } from "./words.ts";

const words = wordsOf(SEQUENCE_WORDS);

interface SequenceToolsProps {
  readonly hand: SequenceHand;
  readonly look: Signal<Look>;
}

export function SequenceTools({ hand, look }: SequenceToolsProps) {
  const { zoomOut, zoomIn, all, follow } = words.value;
  const isFollowing = look.value.kind === "last";
  return (
    <span class={styles.group}>
      <button type="button" onClick={() => hand.zoomOut()} aria-label={zoomOut}>
        −
      </button>
      <button type="button" onClick={() => hand.zoomIn()} aria-label={zoomIn}>
        +
      </button>
      <button type="button" onClick={() => hand.all()} aria-pressed={look.value.kind === "all"}>
        {all}
      </button>
      <button type="button" onClick={() => hand.follow(!isFollowing)} aria-pressed={isFollowing}>
        {follow}
      </button>
    </span>
  );
}
