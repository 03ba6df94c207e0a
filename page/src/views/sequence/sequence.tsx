/**
 * The time-sequence graph after tcptrace, with round trips, windows and rates below it on the same time; or
 * congestion windows and throughput of a few connections, one over the other.
 */
import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Story } from "../../../../src/inspect/story.ts";
import { useFrame, useThemeChange } from "../../drawing/use-canvas.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { CompareBar, comparedName } from "./compare-bar.tsx";
import { type Direction, flowOf } from "./flow.ts";
import { Legend } from "./legend.tsx";
import { comparedPanels, metricPanels } from "./panels.ts";
import { besideSelected, useSceneComparison } from "./scene-comparison.ts";
import styles from "./sequence.module.css";
import { type Choices, type Graphs, SequenceHand } from "./sequence-hand.ts";
import { SequenceSummary } from "./sequence-summary.tsx";
import { SequenceTools } from "./sequence-tools.tsx";
import { ALL, type Look } from "./time-range.ts";
import { type PanelName, SEQUENCE_WORDS } from "./words.ts";

const words = wordsOf(SEQUENCE_WORDS);

export function Sequence({ session }: ViewProps) {
  const near = useComputed(() => session.stories.value.get(session.selected.value ?? -1)).value;
  const far = useComputed(() => session.stories.value.get(session.otherEnd.value ?? -1)).value;
  useSceneComparison(session);
  // Who leaves compares no longer, and what was compared is not watched any more.
  useEffect(
    () => () => {
      session.compared.value = [];
    },
    [session],
  );
  if (near === undefined) return <p class={styles.nothing}>{words.value.nothing}</p>;
  return <SequenceOf session={session} near={near} far={far} />;
}

interface SequenceOfProps {
  readonly session: Session;
  readonly near: Story;
  readonly far: Story | undefined;
}

function SequenceOf({ session, near, far }: SequenceOfProps) {
  const look = useSignal<Look>(ALL);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const chosen = useSignal<Direction | undefined>(undefined);
  const isFromOpening = useSignal(false);
  const direction = chosen.value ?? busier(session, near);
  const others = useComputed(() =>
    besideSelected(session).flatMap(number => session.stories.value.get(number) ?? []),
  ).value;
  const graphs = useMemo(
    () =>
      others.length > 0
        ? comparison(session, [near, ...others], isFromOpening.value)
        : graphsOf(direction, near, far),
    [near, far, direction, isFromOpening.value, ...idsOf(others)],
  );
  const hand = useMemo(() => new SequenceHand(session, graphs, { look, hidden }), [graphs]);
  useSequenceHand(session, hand, { look, hidden });
  const names: readonly PanelName[] = [
    ...(graphs.flow === undefined ? [] : (["sequence"] as const)),
    ...graphs.panels.map(({ name }) => name),
  ];
  return (
    <section
      class={styles.view}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and its keys zoom and move
      tabIndex={0}
      aria-label={words.value.panels.sequence}
      aria-description={words.value.keys}
      onKeyDown={event => hand.keyPressed(event)}
    >
      <div class={styles.bar}>
        <SequenceTools hand={hand} look={look} />
        {graphs.flow !== undefined && (
          <Directions session={session} near={near} far={far} direction={direction} chosen={chosen} />
        )}
        <CompareBar session={session} near={near} isFromOpening={isFromOpening} />
      </div>
      {graphs.flow !== undefined && <SequenceSummary session={session} flow={graphs.flow} />}
      {names.map((name, index) => (
        <Panel
          key={name}
          name={name}
          hand={hand}
          graphs={graphs}
          choices={{ look, hidden }}
          isLast={index === names.length - 1}
        />
      ))}
    </section>
  );
}

/** Joins the hand with the pictures, and with what changes them. */
function useSequenceHand(session: Session, hand: SequenceHand, { look, hidden }: Choices): void {
  hand.ask = useFrame(() => hand.draw());
  useThemeChange(() => hand.redraw());
  useEffect(() => {
    hand.redraw();
    return () => hand.leave();
  }, [hand]);
  useSignalEffect(() => {
    session.stories.value;
    hand.grew();
  });
  useSignalEffect(() => {
    look.value;
    hidden.value;
    language.value;
    hand.redraw();
  });
  useSignalEffect(() => {
    session.cursor.value;
    hand.pointed();
  });
}

interface PanelProps {
  readonly name: PanelName;
  readonly hand: SequenceHand;
  readonly graphs: Graphs;
  readonly choices: Choices;
  readonly isLast: boolean;
}

function Panel({ name, hand, graphs, choices, isLast }: PanelProps) {
  const place = useRef<HTMLDivElement>(null);
  const hasTimes = isLast || name === "sequence";
  useEffect(() => {
    if (place.current === null) return;
    const unmount = hand.mount(name, place.current, hasTimes);
    hand.redraw();
    return unmount;
  }, [hand, hasTimes]);
  const title = words.value.panels[name];
  return (
    <figure class={name === "sequence" ? styles.main : styles.panel}>
      <figcaption class={styles.caption}>
        <strong>{title}</strong>
        <Legend name={name} hand={hand} graphs={graphs} hidden={choices.hidden} />
      </figcaption>
      <div class={styles.place} ref={place} role="img" aria-label={title} />
    </figure>
  );
}

interface DirectionsProps extends SequenceOfProps {
  readonly direction: Direction;
  readonly chosen: Signal<Direction | undefined>;
}

/** Whose sending is shown. */
function Directions({ session, near, far, direction, chosen }: DirectionsProps) {
  const names = { near: comparedName(session, near.connection), far: comparedName(session, far?.connection) };
  const isUnseen = direction === "far" && far === undefined;
  return (
    <fieldset class={styles.group}>
      <legend class="unseen">{words.value.direction}</legend>
      {(["near", "far"] as const).map(end => (
        <button
          key={end}
          type="button"
          aria-pressed={direction === end}
          onClick={() => {
            chosen.value = end;
          }}
        >
          {words.value.sends(names[end])}
        </button>
      ))}
      {isUnseen && <span class={styles.note}>{words.value.seenByReceiver}</span>}
    </fieldset>
  );
}

function graphsOf(direction: Direction, near: Story, far: Story | undefined): Graphs {
  const flow = flowOf(direction, near, far);
  const panels = flow.isSender ? metricPanels(flow.story) : [];
  return { flow, panels, stories: [flow.story], shifts: [0] };
}

function comparison(session: Session, stories: readonly Story[], isFromOpening: boolean): Graphs {
  const openings = stories.map(story => session.rows.peek().get(story.connection)?.openedAt ?? 0);
  const first = Math.min(...openings);
  const shifts = openings.map(opening => (isFromOpening ? opening - first : 0));
  const compared = stories.map((story, index) => {
    const { connection, congestionControl } = story;
    const name = `${connection} ${congestionControl ?? ""}`.trim();
    return { name, story, shift: shifts[index] ?? 0 };
  });
  return { flow: undefined, panels: comparedPanels(compared), stories, shifts };
}

const identities = new WeakMap<Story, number>();
let lastIdentity = 0;

/** A number for each story, as hooks compare; always as many as can be compared. */
function idsOf(stories: readonly Story[]): readonly number[] {
  return Array.from({ length: MOST_COMPARED }, (_, index) => {
    const story = stories[index];
    if (story === undefined) return 0;
    const known = identities.get(story) ?? ++lastIdentity;
    identities.set(story, known);
    return known;
  });
}

/** Beside the selected one. */
const MOST_COMPARED = 3;

/** Who sends much more than it gets is what one wants to see. */
function busier(session: Session, near: Story): Direction {
  const row = session.rows.value.get(near.connection);
  return row !== undefined && row.bytesReceived > 4 * row.bytesSent ? "far" : "near";
}
