/** All that is known of the segment that is pointed at. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import styles from "./ladder.module.css";
import { type FactContext, factsOf } from "./segment-facts.ts";

interface SegmentDetailsProps {
  readonly paired: PairedSegment | undefined;
  readonly context: FactContext;
}

export function SegmentDetails({ paired, context }: SegmentDetailsProps) {
  const { words } = context;
  if (paired === undefined) return <p class={styles.details}>{words.pick}</p>;
  return (
    <dl class={styles.details} aria-live="polite">
      {[...factsOf(paired, context)].map(([fact, value]) => (
        <div key={fact}>
          <dt>{words.fields[fact]}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
