/**
 * The frame of the page: what is open, the table of connections, the views beside each other. On a narrow
 * screen one view at a time, with a bar to choose it at the bottom.
 */
import { opened, session } from "../state/opened.ts";
import { breadth, isTableOpen, shownViews } from "../state/workspace.ts";
import { rowHeight } from "../table/row-height.ts";
import { wordsOf } from "../text/language.ts";
import styles from "./app.module.css";
import { DropZone } from "./drop-zone.tsx";
import { focusWorkspace } from "./focus.ts";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { Notices } from "./notices.tsx";
import { Pane } from "./pane.tsx";
import { Tabs } from "./tabs.tsx";
import { VIEWS } from "./views.tsx";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

export function App() {
  return (
    <DropZone>
      <button class={styles.skip} type="button" onClick={focusWorkspace}>
        {words.value.skip}
      </button>
      <Header />
      <Notices />
      {breadth.value === "wide" ? <Wide /> : <Narrow />}
      <Help />
    </DropZone>
  );
}

function Wide() {
  const isControllable = VIEWS.controls.fits(session.value.hello.value);
  return (
    <>
      {isControllable && (
        <div class={styles.controls}>
          <Pane id="controls" isBar />
        </div>
      )}
      {isTableOpen.value && opened.value.kind !== "nothing" && (
        <div class={styles.table} style={{ height: `${tableHeight(session.value.rows.value.size)}px` }}>
          <Pane id="connections" isBar />
        </div>
      )}
      <Tabs />
      <Workspace />
    </>
  );
}

/** Filter, head and so many rows; a few stay in sight when there are very many. */
function tableHeight(rows: number): number {
  return 76 + rowHeight() * Math.max(2, Math.min(6.5, rows));
}

function Narrow() {
  return (
    <>
      <Workspace />
      <Tabs />
    </>
  );
}

function Workspace() {
  const hello = session.value.hello.value;
  const fitting = shownViews.value.filter(id => VIEWS[id].fits(hello));
  const shown = fitting.length > 0 ? fitting : shownViews.value;
  return (
    <main class={styles.workspace} id="workspace" tabIndex={-1} aria-label={words.value.workspace}>
      {shown.map(id => (
        <Pane key={id} id={id} isOnly={shown.length === 1} />
      ))}
    </main>
  );
}
