/** The segments in sight as a table: for those who do not see the picture, and for those who want numbers. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import styles from "./ladder.module.css";
import { type FactContext, factsOf, TABLE_FACTS } from "./segment-facts.ts";

interface LadderTableProps {
  readonly segments: readonly PairedSegment[];
  readonly context: FactContext;
  /** Else it is there for screen readers only. */
  readonly isShown: boolean;
  readonly picked: PairedSegment | undefined;
  pick(paired: PairedSegment): void;
}

export function LadderTable({ segments, context, isShown, picked, pick }: LadderTableProps) {
  const { words } = context;
  return (
    <div class={isShown ? styles.table : "unseen"} tabIndex={isShown ? 0 : undefined}>
      <table>
        <caption>{words.tableCaption}</caption>
        <thead>
          <tr>
            {TABLE_FACTS.map(fact => (
              <th key={fact} scope="col">
                {words.fields[fact]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {segments.map(paired => {
            const facts = factsOf(paired, context);
            return (
              <tr key={paired.place} aria-selected={paired === picked} onClick={() => pick(paired)}>
                {TABLE_FACTS.map(fact => (
                  <td key={fact}>{facts.get(fact)}</td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
