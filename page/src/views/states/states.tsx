/**
 * The state diagram: where an end of a connection is, the path it took and the cause of each step; both ends
 * beside each other where both are known. The cursor moves it back in time.
 */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useId, useMemo } from "preact/hooks";
import type { TcpState } from "../../../../src/tcp/states.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { endText, instantText } from "../../text/quantities.ts";
import { BackToNow } from "../back-to-now.tsx";
import { Scrolling } from "../scrolling.tsx";
import { useWidth } from "../width.ts";
import { causeText } from "./causes.ts";
import { type Diagram, diagramOf } from "./diagram.ts";
import { Picture } from "./picture.tsx";
import { NARROW, WIDE } from "./places.ts";
import styles from "./states.module.css";
import { edgesOutOf, type Step, stateAfter, stepsOf, stepsTakenAt } from "./steps.ts";
import { WORDS } from "./words.ts";

/** From here on the causes are readable where they stand. */
const WIDE_FROM = 760;

const words = wordsOf(WORDS);

export function States({ session }: ViewProps) {
  const [frame, width] = useWidth<HTMLElement>();
  const ends = [session.selected.value, session.otherEnd.value].filter(end => end !== undefined);
  const isWide = width >= WIDE_FROM * Math.max(1, ends.length);
  const spoken = language.value;
  const diagram = useMemo(
    () => diagramOf(isWide ? WIDE : NARROW, cause => causeText(cause, spoken)),
    [isWide, spoken],
  );
  return (
    <Scrolling label={words.value.title} frame={frame}>
      {ends.length === 0 ? (
        <p class={styles.nothing}>{words.value.nothing}</p>
      ) : (
        <CursorLine session={session} />
      )}
      <div class={styles.ends}>
        {ends.map(end => (
          <End key={end} session={session} connection={end} diagram={diagram} />
        ))}
      </div>
    </Scrolling>
  );
}

function CursorLine({ session }: ViewProps) {
  const cursor = session.cursor.value;
  if (cursor === undefined) return null;
  return (
    <p class={styles.cursorLine}>
      {words.value.at(instantText(cursor))}
      <BackToNow session={session} />
    </p>
  );
}

function setCursor(session: Session, instant: number): void {
  session.cursor.value = instant;
}

interface EndProps extends ViewProps {
  readonly connection: number;
  readonly diagram: Diagram;
}

function End({ session, connection, diagram }: EndProps) {
  const id = useId();
  const known = useKnown(session, connection);
  const { steps, taken, state, name } = known.value;
  const spoken = language.value;
  const text = words.value;
  return (
    <section class={styles.end} aria-labelledby={`${id}-name`}>
      <h3 id={`${id}-name`} class={styles.name}>
        {name} <strong>{state}</strong>
      </h3>
      <div class={styles.pictureAndWords}>
        <Picture
          id={id}
          diagram={diagram}
          text={text.picture(name, state ?? "?", taken)}
          steps={steps}
          taken={taken}
          state={state}
          causeOf={cause => causeText(cause, spoken)}
        />
        <div class={styles.words}>
          <Steps session={session} steps={steps} taken={taken} />
          {state !== undefined && <Next state={state} />}
        </div>
      </div>
    </section>
  );
}

interface Known {
  readonly steps: readonly Step[];
  readonly taken: number;
  readonly state: TcpState | undefined;
  readonly name: string;
}

/** Of an end; the same object while nothing of it has changed, however often its story grows. */
function useKnown(session: Session, connection: number): ReadonlySignal<Known> {
  const row = useComputed(() => session.rows.value.get(connection));
  const story = useComputed(() => session.stories.value.get(connection));
  const mark = useComputed(() => {
    const states = session.stories.value.get(connection)?.states ?? [];
    return `${states.length} ${states.at(-1)?.time} ${stepsTakenAt(states, session.cursor.value)}`;
  });
  return useComputed(() => {
    const taken = Number(mark.value.split(" ")[2]);
    const states = story.value?.states ?? [];
    // A story that begins late does not know its addresses.
    const end = row.value ?? story.value;
    return {
      steps: stepsOf(states),
      taken,
      state: stateAfter(states, taken, row.value?.state),
      name: end === undefined ? `${connection}` : `${end.host} ${endText(end.local, end.localPort)}`,
    };
  });
}

interface StepsProps extends ViewProps {
  readonly steps: readonly Step[];
  readonly taken: number;
}

function Steps({ session, steps, taken }: StepsProps) {
  const text = words.value;
  if (steps.length === 0) return <p class={styles.nothing}>{text.noSteps}</p>;
  return (
    <table class={styles.steps}>
      <caption>{text.path}</caption>
      <thead>
        <tr>
          <th scope="col">{text.step}</th>
          <th scope="col">{text.time}</th>
          <th scope="col">{text.cause}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ number, time, from, to, cause }) => (
          <tr
            key={number}
            class={number > taken ? styles.later : undefined}
            aria-current={number === taken ? "step" : undefined}
          >
            <td>
              <button
                type="button"
                title={text.goTo(number, from, to)}
                onClick={() => setCursor(session, time)}
              >
                <span class={styles.number}>{number}</span> <span class={styles.whole}>{from}</span> →{" "}
                <span class={styles.whole}>{to}</span>
              </button>
            </td>
            <td class={styles.time}>{instantText(time)}</td>
            <td>{causeText(cause, language.value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Next({ state }: { readonly state: TcpState }) {
  const text = words.value;
  const edges = edgesOutOf(state);
  return (
    <section class={styles.next}>
      <h4>{text.next}</h4>
      {edges.length === 0 && <p>{text.last}</p>}
      <ul>
        {edges.map(({ to, cause }) => (
          <li key={to}>
            <span class={styles.stateName}>→ {to}</span> {causeText(cause, language.value)}
          </li>
        ))}
      </ul>
    </section>
  );
}
