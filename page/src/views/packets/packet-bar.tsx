/** Above the list: the filter, how many there are, and what to do with them. */
import { useSignal } from "@preact/signals";
import { FilterBox } from "../../table/filter-box.tsx";
import { filterFaultText } from "../../text/filter-faults.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText } from "../../text/quantities.ts";
import { filterProblem } from "./packet-filter.ts";
import styles from "./packets.module.css";
import { PACKETS_WORDS } from "./words.ts";

const words = wordsOf(PACKETS_WORDS);

interface PacketBarProps {
  readonly count: number;
  readonly skipped: number;
  readonly isHeld: boolean;
  readonly onFilter: (filter: string) => void;
  readonly onHold: (isHeld: boolean) => void;
  readonly onDownload: () => void;
}

export function PacketBar({ count, skipped, isHeld, onFilter, onHold, onDownload }: PacketBarProps) {
  const w = words.value;
  return (
    <div class={styles.bar}>
      <PacketFilter onFilter={onFilter} />
      <span class={styles.count}>
        {w.count(countText(count, language.value))}
        {skipped > 0 && (
          <span class={styles.skipped}> · {w.skipped(countText(skipped, language.value))}</span>
        )}
      </span>
      <button type="button" aria-pressed={isHeld} title={w.holdHelp} onClick={() => onHold(!isHeld)}>
        {w.hold}
      </button>
      <button type="button" disabled={count === 0} onClick={onDownload}>
        {w.download}
      </button>
    </div>
  );
}

/** A filter is asked for with Enter, or when the box is left. */
function PacketFilter({ onFilter }: Pick<PacketBarProps, "onFilter">) {
  const text = useSignal("");
  const asked = useSignal("");
  const problem = filterProblem(text.value);
  const ask = (): void => {
    if (problem !== undefined || asked.value === text.value.trim()) return;
    asked.value = text.value.trim();
    onFilter(asked.value);
  };
  const w = words.value;
  return (
    <FilterBox
      label={w.filter}
      hint={w.filterHint}
      text={text.value}
      problem={problem && w.problem(filterFaultText(problem.fault, language.value), problem.at)}
      onText={next => {
        text.value = next;
      }}
      onDone={ask}
    />
  );
}
