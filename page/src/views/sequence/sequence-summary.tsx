/** The graph in a sentence: looked at anew a few times a second, not at each picture. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CAUSE_WORDS } from "../../drawing/causes.ts";
import type { Session } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import type { Flow } from "./flow.ts";
import styles from "./sequence.module.css";
import { SummaryCount } from "./summary.ts";
import { SEQUENCE_WORDS } from "./words.ts";

const words = wordsOf(SEQUENCE_WORDS);
const causes = wordsOf(CAUSE_WORDS);

const PACE = 700;

interface SequenceSummaryProps {
  readonly session: Session;
  readonly flow: Flow;
}

export function SequenceSummary({ session, flow }: SequenceSummaryProps) {
  const text = useSignal("");
  useEffect(() => {
    let seen = -1;
    const count = new SummaryCount(flow);
    const look = (): void => {
      if (flow.story.events === seen) return;
      seen = flow.story.events;
      text.value = words.peek().summary(count.look(causes.peek(), language.peek()));
    };
    look();
    const timer = setInterval(look, PACE);
    return () => clearInterval(timer);
  }, [flow, session, language.value]);
  return <p class={styles.summary}>{text}</p>;
}
