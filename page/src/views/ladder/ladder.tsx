/** The ladder: both ends' time lines, and each segment between them. */
import { signal, useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { End } from "../../../../src/inspect/paired-segment.ts";
import type { Story } from "../../../../src/inspect/story.ts";
import { CAUSE_WORDS } from "../../drawing/causes.ts";
import { listenForGestures } from "../../drawing/gestures.ts";
import { useCanvas } from "../../drawing/use-canvas.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { language, wordsOf } from "../../text/language.ts";
import { countText, durationText, endText, instantText } from "../../text/quantities.ts";
import styles from "./ladder.module.css";
import { LadderHand } from "./ladder-hand.ts";
import { LadderModel } from "./ladder-model.ts";
import type { LadderTexts } from "./ladder-picture.ts";
import { LadderTable } from "./ladder-table.tsx";
import { SegmentDetails } from "./segment-details.tsx";
import type { FactContext } from "./segment-facts.ts";
import { LADDER_WORDS } from "./words.ts";

const words = wordsOf(LADDER_WORDS);
const causes = wordsOf(CAUSE_WORDS);

/** Kept while the page is open. */
const isTableShown = signal(false);

export function Ladder({ session }: ViewProps) {
  const near = useComputed(() => session.stories.value.get(session.selected.value ?? -1)).value;
  const far = useComputed(() => session.stories.value.get(session.otherEnd.value ?? -1)).value;
  if (near === undefined) return <p class={styles.nothing}>{words.value.nothing}</p>;
  return <LadderOf session={session} near={near} far={far} />;
}

interface LadderOfProps {
  readonly session: Session;
  readonly near: Story;
  readonly far: Story | undefined;
}

function LadderOf({ session, near, far }: LadderOfProps) {
  const model = useMemo(() => new LadderModel(near, far), [near, far]);
  const hand = useMemo(() => new LadderHand(session, model), [model]);
  useLadderHand(session, hand);
  const name = (end: End): string => endName(session, end, near, far);
  const context: FactContext = {
    ...{ pair: model.pair, origin: model.origin, words: words.value, causes: causes.value },
    ...{ language: language.value, name },
  };
  const skipped = near.skipped + (far?.skipped ?? 0);
  const missing = skipped === 0 ? "" : words.value.skipped(countText(skipped, language.value));
  const note = `${words.value.knowledge[hand.knowledge.value]} ${missing}`.trim();
  return (
    <div class={styles.view}>
      <div class={styles.bar}>
        <span class={styles.near}>{name("near")}</span>
        <Tools hand={hand} />
        <span class={styles.far}>{name("far")}</span>
      </div>
      {note !== "" && <p class={styles.note}>{note}</p>}
      <Picture hand={hand} near={near} name={name} />
      <SegmentDetails paired={hand.hovered.value ?? hand.picked.value} context={context} />
      <LadderTable
        segments={hand.inSight.value}
        context={context}
        isShown={isTableShown.value}
        picked={hand.picked.value}
        pick={paired => hand.pick(paired)}
      />
    </div>
  );
}

/** Joins the hand with the canvas, with what hands do, and with what changes. */
function useLadderHand(session: Session, hand: LadderHand): void {
  hand.redraw = useCanvas(hand.canvas, drawing => hand.draw(drawing, textsNow()));
  useEffect(() => {
    const { current: place } = hand.scroller;
    const end = place === null ? undefined : listenForGestures(place, hand.gestures);
    hand.redraw();
    return () => {
      end?.();
      hand.leave();
    };
  }, [hand]);
  useSignalEffect(() => {
    session.stories.value;
    language.value;
    hand.redraw();
  });
  useSignalEffect(() => hand.cursorMoved(session.cursor.value));
}

function textsNow(): LadderTexts {
  return {
    causes: causes.peek().short,
    timer: ({ what }) => ("timer" in what ? words.peek().timers[what.timer.timer] : ""),
    duration: micros => durationText(micros, language.peek()),
    instant: instantText,
  };
}

interface ToolsProps {
  readonly hand: LadderHand;
}

function Tools({ hand }: ToolsProps) {
  const { zoomOut, zoomReset, zoomIn, follow, table } = words.value;
  const isFollowing = hand.isFollowing.value;
  return (
    <span class={styles.tools}>
      <button type="button" onClick={() => hand.zoomOut()} aria-label={zoomOut}>
        −
      </button>
      <button type="button" onClick={() => hand.zoomTo(1)} title={zoomReset}>
        1:1
      </button>
      <button type="button" onClick={() => hand.zoomIn()} aria-label={zoomIn}>
        +
      </button>
      {!hand.isRead && (
        <button type="button" aria-pressed={isFollowing} onClick={() => hand.follow(!isFollowing)}>
          {follow}
        </button>
      )}
      <button type="button" aria-pressed={isTableShown.value} onClick={toggleTable}>
        {table}
      </button>
    </span>
  );
}

function toggleTable(): void {
  isTableShown.value = !isTableShown.value;
}

interface PictureProps extends ToolsProps {
  readonly near: Story;
  name(end: End): string;
}

function Picture({ hand, near, name }: PictureProps) {
  const segments = countText(near.segments.length, language.value);
  const title = words.value.picture(name("near"), name("far"), segments);
  return (
    <section
      class={styles.scroller}
      ref={hand.scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and its keys choose segments
      tabIndex={0}
      aria-label={title}
      aria-description={words.value.keys}
      onScroll={() => hand.scrolled()}
      onKeyDown={event => hand.keyPressed(event)}
    >
      <canvas class={styles.canvas} ref={hand.canvas} role="img" aria-label={title} />
      <div ref={hand.spacer} />
    </section>
  );
}

/** Its host and address, as far as they are known. */
function endName(session: Session, end: End, near: Story, far: Story | undefined): string {
  const row = session.rows.value.get(near.connection);
  const isNear = end === "near";
  const address = isNear ? near.local || row?.local : near.remote || row?.remote;
  const port = isNear ? near.localPort || row?.localPort : near.remotePort || row?.remotePort;
  const known = address === undefined || address === "" ? "" : endText(address, port ?? 0);
  const host = (isNear ? near : far)?.host ?? "";
  return `${host === address ? "" : host} ${known}`.trim() || words.value.unknownPeer;
}
