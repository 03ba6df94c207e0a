/**
 * Timers that are armed, counting down, and what became of the others; below them the queues of listeners.
 * With the cursor: as they were there.
 */
import type { ReadonlySignal } from "@preact/signals";
import type { ArmedTimer } from "../../../../src/inspect/protocol.ts";
import type { StoryTimer } from "../../../../src/inspect/story.ts";
import type { TimerName } from "../../../../src/trace/event.ts";
import type { ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText, durationText, endText, instantText } from "../../text/quantities.ts";
import { BackToNow } from "../back-to-now.tsx";
import { Queues } from "../queues/queues.tsx";
import { Scrolling } from "../scrolling.tsx";
import { useSessionTime } from "../session-time.ts";
import { armedOf, recentOf, shareLeft, type TimerTally, talliesOf, timersUntil } from "./timer-past.ts";
import styles from "./timers.module.css";
import { WORDS } from "./words.ts";

const words = wordsOf(WORDS);

/** Rows of what has happened. */
const RECENT = 12;

export function Timers({ session }: ViewProps) {
  const now = useSessionTime(session);
  const ends = [session.selected.value, session.otherEnd.value].filter(end => end !== undefined);
  const cursor = session.cursor.value;
  return (
    <Scrolling label={words.value.title}>
      {ends.length === 0 && <p class={styles.quiet}>{words.value.nothing}</p>}
      {cursor !== undefined && (
        <p class={styles.quiet}>
          {words.value.at(instantText(cursor))} <BackToNow session={session} />
        </p>
      )}
      <div class={styles.ends}>
        {ends.map(end => (
          <End key={end} session={session} connection={end} now={now} />
        ))}
      </div>
      <Queues session={session} />
    </Scrolling>
  );
}

interface EndProps extends ViewProps {
  readonly connection: number;
  readonly now: ReadonlySignal<number>;
}

/** Drawn anew at each tick of the clock; a story that grows faster is not looked at more often. */
function End({ session, connection, now }: EndProps) {
  const cursor = session.cursor.value;
  const instant = cursor ?? now.value;
  const row = session.rows.peek().get(connection);
  const name = row === undefined ? `${connection}` : `${row.host} ${endText(row.local, row.localPort)}`;
  const past = timersUntil(session.stories.peek().get(connection)?.timers ?? [], cursor);
  const tallies = talliesOf(past);
  const snapshot = session.snapshots.peek().get(connection);
  const armed = cursor === undefined && snapshot !== undefined ? snapshot.timers : armedOf(tallies);
  return (
    <section class={styles.end} aria-label={`${words.value.timers}: ${name}`}>
      <h3 class={styles.name}>{name}</h3>
      <Table tallies={tallies} armed={armed} instant={instant} />
      <Recent session={session} events={recentOf(past, RECENT)} />
    </section>
  );
}

interface TableProps {
  readonly tallies: readonly TimerTally[];
  readonly armed: readonly ArmedTimer[];
  readonly instant: number;
}

function Table({ tallies, armed, instant }: TableProps) {
  const text = words.value;
  const spoken = language.value;
  const names = new Set<TimerName>([
    ...tallies.map(({ timer }) => timer),
    ...armed.map(({ timer }) => timer),
  ]);
  if (names.size === 0) return <p class={styles.quiet}>{text.none}</p>;
  return (
    <table class={styles.table}>
      <thead>
        <tr>
          <th scope="col">{text.timer}</th>
          <th scope="col">{text.left}</th>
          <th scope="col">{text.fired}</th>
          <th scope="col">{text.cancelled}</th>
        </tr>
      </thead>
      <tbody>
        {[...names].map(name => {
          const tally = tallies.find(({ timer }) => timer === name);
          return (
            <tr key={name}>
              <th scope="row" title={text.about[name]}>
                {text.names[name]}
              </th>
              <td>
                <Countdown armed={armed.find(({ timer }) => timer === name)} instant={instant} />
              </td>
              <td class={styles.number}>{countText(tally?.fired ?? 0, spoken)}</td>
              <td class={styles.number}>{countText(tally?.cancelled ?? 0, spoken)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

interface CountdownProps {
  readonly armed: ArmedTimer | undefined;
  readonly instant: number;
}

function Countdown({ armed, instant }: CountdownProps) {
  if (armed === undefined) return <span class={styles.rests}>{words.value.rests}</span>;
  const left = armed.at - instant;
  return (
    <span class={styles.countdown}>
      <span class={styles.number}>{left > 0 ? durationText(left, language.value) : words.value.due}</span>
      <span class={styles.track} aria-hidden="true">
        <span class={styles.left} style={{ transform: `scaleX(${shareLeft(armed, instant)})` }} />
      </span>
    </span>
  );
}

function Recent({ session, events }: ViewProps & { readonly events: readonly StoryTimer[] }) {
  const text = words.value;
  if (events.length === 0) return null;
  return (
    <table class={styles.table}>
      <caption>{text.recently}</caption>
      <thead>
        <tr>
          <th scope="col">{text.time}</th>
          <th scope="col">{text.timer}</th>
          <th scope="col">{text.change}</th>
        </tr>
      </thead>
      <tbody>
        {events.map(({ time, timer, change }, index) => (
          <tr key={`${time} ${timer} ${index}`} class={change === "fired" ? styles.fired : undefined}>
            <td>
              <button
                type="button"
                class={styles.instant}
                title={text.goTo(instantText(time))}
                onClick={() => {
                  session.cursor.value = time;
                }}
              >
                {instantText(time)}
              </button>
            </td>
            <td title={text.about[timer]}>{text.names[timer]}</td>
            <td>{change === "set" ? "" : text.changes[change]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
