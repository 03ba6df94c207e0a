/** What the user should know at once: a lost inspector, a sentence about what went wrong. */
import { signal } from "@preact/signals";
import type { Problem } from "../../../src/inspect/problem.ts";
import { opened, session } from "../state/opened.ts";
import { language, wordsOf } from "../text/language.ts";
import { problemText } from "../text/problems.ts";
import { focusWorkspace } from "./focus.ts";
import styles from "./notices.module.css";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);
/** What the user has read of. */
const dismissed = signal<Problem | undefined>(undefined);

export function Notices() {
  const { isClosed, trouble } = session.value;
  const problem = trouble.value;
  return (
    <div class={styles.notices} role="status">
      {isClosed.value && opened.value.kind === "live" && <p class={styles.warning}>{words.value.lost}</p>}
      {problem !== undefined && problem !== dismissed.value && (
        <p class={styles.bad}>
          {problemText(problem, language.value)}
          <button
            type="button"
            onClick={() => {
              dismissed.value = problem;
              focusWorkspace();
            }}
          >
            {words.value.dismiss}
          </button>
        </p>
      )}
    </div>
  );
}
