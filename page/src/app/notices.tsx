/** What the user should know at once: a lost inspector, a sentence about what went wrong. */
import { signal } from "@preact/signals";
import { opened, session } from "../state/opened.ts";
import { wordsOf } from "../text/language.ts";
import styles from "./notices.module.css";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);
/** The sentence that the user has read. */
const dismissed = signal<string | undefined>(undefined);

export function Notices() {
  const { isClosed, trouble } = session.value;
  const sentence = trouble.value;
  return (
    <div class={styles.notices} role="status">
      {isClosed.value && opened.value.kind === "live" && <p class={styles.warning}>{words.value.lost}</p>}
      {sentence !== undefined && sentence !== dismissed.value && (
        <p class={styles.bad}>
          {sentence}
          <button
            type="button"
            onClick={() => {
              dismissed.value = sentence;
            }}
          >
            {words.value.dismiss}
          </button>
        </p>
      )}
    </div>
  );
}
