/**
 * The windows of a connection's ends: what is on its way, what may be sent, what it waits for; what has come
 * and what is missing. Live, and as it was where the cursor stands.
 */
import { type ReadonlySignal, useComputed, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Snapshot } from "../../../../src/inspect/protocol.ts";
import type { Metrics } from "../../../../src/trace/event.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { bytesText, countText, durationText, endText, instantText, rateText } from "../../text/quantities.ts";
import { BackToNow } from "../back-to-now.tsx";
import { Scrolling } from "../scrolling.tsx";
import { sidesOfStory } from "./from-story.ts";
import { SnapshotHistory } from "./history.ts";
import { receiveStrip, sendStrip } from "./regions.ts";
import { type Sides, sidesOfSnapshot } from "./sides.ts";
import { Strip } from "./strip.tsx";
import styles from "./windows.module.css";
import { type NumberName, receiveSentence, sendSentence, WORDS } from "./words.ts";

const words = wordsOf(WORDS);

export function Windows({ session }: ViewProps) {
  const history = useMemo(() => new SnapshotHistory(), []);
  useSignalEffect(() => {
    history.retain([...session.snapshots.value.keys()]);
    for (const snapshot of session.snapshots.value.values()) history.keep(snapshot);
  });
  const ends = [session.selected.value, session.otherEnd.value].filter(end => end !== undefined);
  return (
    <Scrolling label={words.value.title}>
      {ends.length === 0 && <p class={styles.quiet}>{words.value.nothing}</p>}
      {ends.map(end => (
        <End key={end} session={session} connection={end} history={history} />
      ))}
    </Scrolling>
  );
}

interface EndProps extends ViewProps {
  readonly connection: number;
  readonly history: SnapshotHistory;
}

function End({ session, connection, history }: EndProps) {
  const shown = useShown(session, connection, history).value;
  const row = session.rows.value.get(connection);
  const name = row === undefined ? `${connection}` : `${row.host} ${endText(row.local, row.localPort)}`;
  return (
    <section class={styles.end} aria-label={name}>
      <h3 class={styles.name}>{name}</h3>
      <Instant session={session} shown={shown} />
      {shown !== undefined && <BothStrips sides={shown.sides} />}
      {shown !== undefined && <Numbers shown={shown} />}
    </section>
  );
}

interface Shown {
  readonly sides: Sides;
  readonly source: "now" | "kept" | "story";
  readonly metrics: Metrics | undefined;
}

function useShown(
  session: Session,
  connection: number,
  history: SnapshotHistory,
): ReadonlySignal<Shown | undefined> {
  return useComputed(() => {
    const instant = session.cursor.value;
    if (instant === undefined) {
      const latest = session.snapshots.value.get(connection);
      return latest === undefined ? toldByStory(session, connection) : toldByStack(latest, "now");
    }
    const kept = history.at(connection, instant);
    return kept === undefined ? toldByStory(session, connection, instant) : toldByStack(kept, "kept");
  });
}

function toldByStack(snapshot: Snapshot, source: "now" | "kept"): Shown {
  return { sides: sidesOfSnapshot(snapshot), source, metrics: snapshot.metrics };
}

function toldByStory(session: Session, connection: number, instant?: number): Shown | undefined {
  const story = session.stories.value.get(connection);
  if (story === undefined) return undefined;
  const sides = sidesOfStory(story, instant ?? story.lastTime);
  if (sides === undefined) return undefined;
  const metrics = story.metrics.findLast(({ time }) => time <= sides.time);
  return { sides, source: "story", metrics };
}

function Instant({ session, shown }: ViewProps & { readonly shown: Shown | undefined }) {
  const text = words.value;
  const cursor = session.cursor.value;
  const missing = cursor === undefined ? text.unknown : text.notKnownAt(instantText(cursor));
  return (
    <p class={styles.quiet}>
      {shown === undefined ? missing : text.source[shown.source](instantText(shown.sides.time))}{" "}
      <BackToNow session={session} />
    </p>
  );
}

function BothStrips({ sides: { send, receive } }: { readonly sides: Sides }) {
  const text = words.value;
  const bytes = (count: number) => bytesText(count, language.value);
  return (
    <div class={styles.strips}>
      <section>
        <h4>{text.sending}</h4>
        <Strip
          strip={sendStrip(send)}
          before={send.acknowledged}
          beforeName={text.acknowledged}
          kinds={text.sendKinds}
          edges={text.sendEdges}
          sentence={sendSentence(send, text, bytes)}
        />
      </section>
      <section>
        <h4>{text.receiving}</h4>
        <Strip
          strip={receiveStrip(receive)}
          before={Math.max(0, receive.received - (receive.readable ?? 0))}
          beforeName={text.read}
          kinds={text.receiveKinds}
          edges={text.receiveEdges}
          sentence={receiveSentence(receive, text, bytes)}
        />
      </section>
    </div>
  );
}

function Numbers({ shown: { sides, metrics } }: { readonly shown: Shown }) {
  const text = words.value;
  const spoken = language.value;
  const { send, receive } = sides;
  const bytes = (count: number | undefined) => (count === undefined ? text.none : bytesText(count, spoken));
  const buffer = (used: number | undefined, capacity: number | undefined) =>
    used === undefined || capacity === undefined ? undefined : text.of(bytes(used), bytes(capacity));
  const values: Readonly<Record<NumberName, string | undefined>> = {
    cwnd: metrics && bytes(metrics.cwnd),
    ssthresh: metrics && bytes(metrics.ssthresh),
    srtt: metrics && metrics.srtt > 0 ? durationText(metrics.srtt, spoken) : undefined,
    rto: metrics && durationText(metrics.rto, spoken),
    pacing: metrics?.pacingRate === undefined ? undefined : rateText(metrics.pacingRate, spoken),
    sendBuffer: buffer(send.written, send.capacity),
    receiveBuffer: buffer(receive.readable, receive.capacity),
    sendNext: countText(send.acknowledged + send.next, spoken),
    receiveNext: countText(receive.received, spoken),
  };
  return (
    <dl class={styles.numbers}>
      {(Object.keys(values) as NumberName[]).map(
        name =>
          values[name] !== undefined && (
            <div key={name}>
              <dt>{text.numbers[name]}</dt>
              <dd>{values[name]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
