/** Guided scenes: a list to choose from; then what is told as it happens, each remark with where to see it. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { CATALOG } from "../../../../src/scenes/catalog.ts";
import { remarksOf, type SceneDescription } from "../../../../src/scenes/description.ts";
import { focusView } from "../../app/focus.ts";
import { FRAME_WORDS } from "../../app/words.ts";
import { openScene } from "../../state/opened.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { breadth, showView, showViews } from "../../state/workspace.ts";
import { language, wordsOf } from "../../text/language.ts";
import { instantText } from "../../text/quantities.ts";
import { connectionAt, neighboursOf, type Told, toldRemarks } from "./guide.ts";
import styles from "./scenes.module.css";
import { SCENES_WORDS } from "./words.ts";

const words = wordsOf(SCENES_WORDS);
const frameWords = wordsOf(FRAME_WORDS);

/** The user looks for another scene while one runs. */
const isChoosing = signal(false);

export function Scenes({ session }: ViewProps) {
  const id = session.hello.value?.scene;
  const description = CATALOG.find(known => known.id === id);
  return (
    <div class={styles.view}>
      {description === undefined || isChoosing.value ? (
        <SceneList current={id} />
      ) : (
        <Guide session={session} description={description} />
      )}
    </div>
  );
}

/** The scene comes with the view to begin with; on a phone the remarks stay. */
function start(description: SceneDescription): void {
  isChoosing.value = false;
  openScene(description.id);
  if (breadth.value === "wide") showViews([description.view, "scenes"]);
}

function SceneList({ current }: { readonly current: string | undefined }) {
  const w = words.value;
  return (
    <>
      <p class={styles.intro}>{w.intro}</p>
      <ul class={styles.cards} aria-label={w.list}>
        {CATALOG.map(description => (
          <li key={description.id}>
            <button
              type="button"
              class={styles.card}
              data-scene={description.id}
              aria-current={description.id === current ? "true" : undefined}
              onClick={() => {
                start(description);
                focusView("scenes");
              }}
            >
              <span class={styles.title}>{description.title[language.value]}</span>
              <span class={styles.summary}>{description.summary[language.value]}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

interface GuideProps {
  readonly session: Session;
  readonly description: SceneDescription;
}

function Guide({ session, description }: GuideProps) {
  const w = words.value;
  const told = toldRemarks(description, session.remarks.value);
  const isOver = session.clock.value?.state === "ended";
  return (
    <article class={styles.guide} data-over={isOver}>
      <Ways description={description} />
      <h3 class={styles.title}>{description.title[language.value]}</h3>
      <p class={styles.about}>{description.about[language.value]}</p>
      <h4 class={styles.heading}>
        {w.remarks}
        <span class={styles.count}>{w.told(told.length, remarksOf(description).length)}</span>
      </h4>
      <div role="log" aria-live="polite" aria-label={w.remarks}>
        <ol class={styles.remarks}>
          {told.map((one, index) => (
            <RemarkItem
              key={`${one.time} ${index}`}
              told={one}
              isLast={index === told.length - 1}
              onShow={() => show(session, description, one)}
            />
          ))}
        </ol>
      </div>
      {told.length === 0 && <p class={styles.about}>{w.waiting}</p>}
      {isOver && <p class={styles.over}>{w.over}</p>}
      <Again session={session} />
    </article>
  );
}

/** To the other scenes. */
function Ways({ description }: { readonly description: SceneDescription }) {
  const w = words.value;
  const { previous, next } = neighboursOf(CATALOG, description.id);
  const way = (label: string, to: SceneDescription | undefined) => (
    <button
      type="button"
      disabled={to === undefined}
      title={to?.title[language.value]}
      onClick={() => to !== undefined && start(to)}
    >
      {label}
    </button>
  );
  return (
    <nav class={styles.ways} aria-label={w.list}>
      <button
        type="button"
        onClick={() => {
          isChoosing.value = true;
          focusView("scenes");
        }}
      >
        {w.all}
      </button>
      {way(w.previous, previous)}
      {way(w.next, next)}
    </nav>
  );
}

interface RemarkItemProps {
  readonly told: Told;
  readonly isLast: boolean;
  readonly onShow: () => void;
}

/** What is told last comes into sight. */
function RemarkItem({ told: { remark, time }, isLast, onShow }: RemarkItemProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isLast) item.current?.scrollIntoView({ block: "nearest" });
  }, [isLast]);
  return (
    <li ref={item} class={styles.remark} data-last={isLast}>
      <span class={styles.time}>{instantText(time)}</span>
      <p>{remark.words[language.value]}</p>
      <button type="button" class={styles.show} onClick={onShow}>
        {words.value.show(frameWords.value.views[remark.view])}
      </button>
    </li>
  );
}

/** When all is over the shared cursor goes to the remark's instant; before, views follow what happens. */
function show(session: Session, description: SceneDescription, { remark, time }: Told): void {
  const connection = connectionAt(session.rows.value.values(), remark.end ?? description.end);
  if (connection !== undefined) session.select(connection);
  if (session.clock.value?.state === "ended") session.cursor.value = time;
  showView(remark.view);
}

function Again({ session }: { readonly session: Session }) {
  const w = words.value;
  const seed = session.hello.value?.seed ?? 0;
  const replay = (from: number): void => session.send({ type: "control", action: "replay", seed: from });
  return (
    <div class={styles.again}>
      <button type="button" onClick={() => replay(seed)}>
        {w.replay}
      </button>
      <button type="button" onClick={() => replay(seed + 1)}>
        {w.otherSeed}
      </button>
      <span class={styles.count}>{w.seed(String(seed))}</span>
    </div>
  );
}
