/** Chooses the views. On a wide screen several may be pressed at once. */

import { useEffect, useRef } from "preact/hooks";
import { opened, session } from "../state/opened.ts";
import { VIEW_IDS } from "../state/view-id.ts";
import {
  breadth,
  changeColumns,
  columns,
  isPane,
  isTableOpen,
  MOST_COLUMNS,
  shownViews,
  toggleView,
} from "../state/workspace.ts";
import { language, wordsOf } from "../text/language.ts";
import styles from "./tabs.module.css";
import { VIEWS } from "./views.tsx";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

export function Tabs() {
  const hello = session.value.hello.value;
  const isWide = breadth.value === "wide";
  const ids = VIEW_IDS.filter(id => (!isWide || isPane(id)) && VIEWS[id].fits(hello));
  const list = useRef<HTMLDivElement>(null);
  /** Names in another language stand elsewhere. */
  const shown = `${language.value} ${shownViews.value.join()}`;
  useEffect(() => {
    list.current
      ?.querySelector("[aria-pressed=true]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  return (
    <nav class={styles.tabs} aria-label={words.value.viewsLabel}>
      {isWide && opened.value.kind !== "nothing" && <TableSwitch />}
      <div class={styles.list} ref={list}>
        {ids.map(id => (
          <button
            key={id}
            type="button"
            aria-pressed={shownViews.value.includes(id)}
            title={words.value.about[id]}
            data-key={isWide ? (VIEW_IDS.indexOf(id) + 1) % 10 : undefined}
            onClick={() => toggleView(id)}
          >
            {words.value.views[id]}
          </button>
        ))}
      </div>
      {isWide && <Columns />}
    </nav>
  );
}

function TableSwitch() {
  const isOpen = isTableOpen.value;
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      title={isOpen ? words.value.foldTable : words.value.unfoldTable}
      onClick={() => {
        isTableOpen.value = !isOpen;
      }}
    >
      <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {words.value.table}
    </button>
  );
}

/** How many views have room beside each other. */
function Columns() {
  const count = columns.value;
  return (
    <fieldset class={styles.columns}>
      <legend>{words.value.columns}</legend>
      <button
        type="button"
        aria-label={words.value.fewerColumns}
        disabled={count === 1}
        onClick={() => changeColumns(-1)}
      >
        −
      </button>
      <output>{count}</output>
      <button
        type="button"
        aria-label={words.value.moreColumns}
        disabled={count === MOST_COLUMNS}
        onClick={() => changeColumns(1)}
      >
        +
      </button>
    </fieldset>
  );
}
