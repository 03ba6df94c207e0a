/** What the lines of a panel are: switches, each with its colour, its name and its value at the cursor. */
import type { Signal } from "@preact/signals";
import { CAUSE_TOKENS, CAUSE_WORDS, CAUSES } from "../../drawing/causes.ts";
import type { Token } from "../../drawing/colours.ts";
import { wordsOf } from "../../text/language.ts";
import styles from "./sequence.module.css";
import { type Graphs, readingOf, type SequenceHand } from "./sequence-hand.ts";
import { RECOVERY_TOKENS } from "./sequence-paint.ts";
import { type PanelName, SEQUENCE_WORDS, type SeriesName } from "./words.ts";

const words = wordsOf(SEQUENCE_WORDS);
const causes = wordsOf(CAUSE_WORDS);

interface LegendProps {
  readonly name: PanelName;
  readonly hand: SequenceHand;
  readonly graphs: Graphs;
  readonly hidden: Signal<ReadonlySet<string>>;
}

interface Entry {
  readonly name: string;
  readonly token: Token;
  readonly text: string;
  readonly title?: string;
  readonly isDashed?: boolean;
}

export function Legend({ name, hand, graphs, hidden }: LegendProps) {
  const entries = name === "sequence" ? sequenceEntries(hand) : panelEntries(name, graphs);
  const readings = hand.readings.value;
  const toggle = (series: string): void => {
    const next = new Set(hidden.peek());
    if (!next.delete(series)) next.add(series);
    hidden.value = next;
  };
  return (
    <span class={styles.legend}>
      {entries.map(entry => (
        <button
          key={entry.name}
          type="button"
          title={entry.title}
          aria-pressed={!hidden.value.has(entry.name)}
          onClick={() => toggle(entry.name)}
        >
          <span
            class={entry.isDashed === true ? styles.dashed : styles.swatch}
            style={{ color: `var(--${entry.token})` }}
          />
          {entry.text}
          <span class={styles.value}>{readings.get(readingOf(name, entry.name))}</span>
        </button>
      ))}
      {name === "sequence" && <Recoveries graphs={graphs} />}
    </span>
  );
}

/** The colours of the bands, for those that there are. */
function Recoveries({ graphs }: { readonly graphs: Graphs }) {
  const { flow } = graphs;
  if (flow?.isSender !== true) return null;
  const kinds = [...new Set(flow.story.recoveries.map(({ kind }) => kind))];
  return (
    <>
      {kinds.map(kind => (
        <span key={kind} class={styles.band}>
          <span class={styles.block} style={{ background: `var(--${RECOVERY_TOKENS[kind]})` }} />
          {words.value.recoveries[kind]}
        </span>
      ))}
    </>
  );
}

function sequenceEntries(hand: SequenceHand): readonly Entry[] {
  const { series } = words.value;
  const strokes = hand.strokes.value;
  const again = CAUSES.filter(cause => strokes.has(CAUSE_TOKENS[cause]));
  return [
    { name: "sent", token: "sent", text: series.sent },
    ...again.map(cause => ({
      name: CAUSE_TOKENS[cause],
      token: CAUSE_TOKENS[cause],
      text: `↻ ${causes.value.short[cause]}`,
      title: causes.value.long[cause],
    })),
    { name: "acknowledged", token: "acknowledged", text: series.acknowledged },
    { name: "window", token: "window", text: series.window },
    { name: "sacked", token: "sacked", text: series.sacked },
  ];
}

function panelEntries(name: PanelName, { panels }: Graphs): readonly Entry[] {
  const { series } = words.value;
  const spec = panels.find(panel => panel.name === name);
  return (spec?.series ?? []).map(one => ({
    name: one.name,
    token: one.token,
    text: series[one.name as SeriesName] ?? one.name,
    isDashed: (one.dash ?? []).length > 0,
  }));
}
