/** The whole page takes files that are dropped on it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { arriveAt } from "../state/arrival.ts";
import { wordsOf } from "../text/language.ts";
import styles from "./drop-zone.module.css";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

export function DropZone({ children }: { readonly children: ComponentChildren }) {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) arriveAt(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped can be chosen by a button as well
    <div class={styles.zone} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop}>
      {children}
      {isOver && <p class={styles.over}>{words.value.drop}</p>}
    </div>
  );
}
