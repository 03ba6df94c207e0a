/**
 * The bar of what may be done: with time, where it is simulated, and with wires, where they are ours. What it
 * shows is what was told: a button asks, and changes nothing by itself. On a phone there is room for all.
 */
import type { ViewProps } from "../../state/session.ts";
import { breadth } from "../../state/workspace.ts";
import { wordsOf } from "../../text/language.ts";
import styles from "./controls.module.css";
import { LinkControls } from "./link-controls.tsx";
import { TimeControls } from "./time-controls.tsx";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

export function Controls({ session }: ViewProps) {
  const abilities = session.hello.value?.abilities;
  if (abilities === undefined || !(abilities.time || abilities.links))
    return <p class={styles.readOnly}>{words.value.readOnly}</p>;
  return (
    <div class={styles.bar}>
      {abilities.time && <TimeControls session={session} />}
      {abilities.links && (
        <details class={styles.details} open={breadth.value === "narrow"}>
          <summary>{words.value.links}</summary>
          <LinkControls session={session} />
        </details>
      )}
    </div>
  );
}
