/** What the analysis of a file holds to be worth a look, in plain words; a click leads to the place. */
import { useSignal } from "@preact/signals";
import { findingText } from "../../../../src/analysis/findings-text.ts";
import type { ConnectionRow, FoundOut } from "../../../../src/inspect/protocol.ts";
import type { ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText, endText, instantText } from "../../text/quantities.ts";
import styles from "./findings.module.css";
import { FINDINGS_WORDS } from "./words.ts";

const words = wordsOf(FINDINGS_WORDS);

/** The worst come first; nobody reads more of them at once. */
const SHOWN = 300;

export function Findings({ session }: ViewProps) {
  const isNarrowed = useSignal(false);
  const w = words.value;
  const ends = [session.selected.value, session.otherEnd.value];
  const all = session.findings.value.filter(
    ({ connection }) => !isNarrowed.value || ends.includes(connection),
  );
  const rows = session.rows.value;
  const lead = (finding: FoundOut): void => {
    if (finding.connection !== 0) session.select(finding.connection);
    session.cursor.value = finding.time;
  };
  return (
    <div class={styles.view}>
      <label class={styles.choice}>
        <input
          type="checkbox"
          checked={isNarrowed.value}
          onChange={event => {
            isNarrowed.value = event.currentTarget.checked;
          }}
        />{" "}
        {w.onlySelected}
      </label>
      {all.length === 0 && <p class={styles.none}>{w.none}</p>}
      <ul class={styles.list} aria-label={w.label}>
        {all.slice(0, SHOWN).map((finding, index) => (
          <li key={index}>
            <Finding finding={finding} row={rows.get(finding.connection)} onLead={() => lead(finding)} />
          </li>
        ))}
      </ul>
      {all.length > SHOWN && (
        <p class={styles.none}>{w.more(countText(all.length - SHOWN, language.value))}</p>
      )}
    </div>
  );
}

interface FindingProps {
  readonly finding: FoundOut;
  readonly row: ConnectionRow | undefined;
  readonly onLead: () => void;
}

function Finding({ finding, row, onLead }: FindingProps) {
  const w = words.value;
  const speech = language.value === "zh-CN" ? "zh" : "en";
  return (
    <button type="button" class={styles.finding} data-severity={finding.severity} onClick={onLead}>
      <span class={styles.severity}>{w.severities[finding.severity]}</span>
      <span>
        <span class={styles.sentence}>{findingText(finding, speech)}</span>
        <span class={styles.place}>
          {row === undefined
            ? w.whole
            : `${endText(row.local, row.localPort)} → ${endText(row.remote, row.remotePort)}`}
          {row !== undefined && ` · ${w.at(instantText(finding.time))}`}
        </span>
      </span>
    </button>
  );
}
