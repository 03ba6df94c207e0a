/** All of a view that is longer than its pane: it scrolls, by the keyboard too. */
import type { ComponentChildren, Ref } from "preact";
import styles from "./scrolling.module.css";

interface ScrollingProps {
  readonly label: string;
  readonly frame?: Ref<HTMLElement>;
  readonly children: ComponentChildren;
}

export function Scrolling({ label, frame, children }: ScrollingProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class={styles.scrolling} aria-label={label} tabIndex={0} {...(frame && { ref: frame })}>
      {children}
    </section>
  );
}
