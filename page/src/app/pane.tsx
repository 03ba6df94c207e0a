/** A view in its place, with its name; a view that fails takes no other with it. */
import { useErrorBoundary } from "preact/hooks";
import { session } from "../state/opened.ts";
import type { ViewId } from "../state/view-id.ts";
import { breadth, hideView } from "../state/workspace.ts";
import { wordsOf } from "../text/language.ts";
import { focusWorkspace } from "./focus.ts";
import styles from "./pane.module.css";
import { VIEWS } from "./views.tsx";
import { FRAME_WORDS } from "./words.ts";

const words = wordsOf(FRAME_WORDS);

interface PaneProps {
  readonly id: ViewId;
  /** It has a place of its own, and no head. */
  readonly isBar?: boolean;
  readonly isOnly?: boolean;
}

export function Pane({ id, isBar = false, isOnly = false }: PaneProps) {
  const name = words.value.views[id];
  const hasHead = !isBar && breadth.value === "wide";
  return (
    <section class={styles.pane} id={`view-${id}`} tabIndex={-1} aria-label={name}>
      {hasHead && (
        <header class={styles.head}>
          <h2 title={words.value.about[id]}>{name}</h2>
          {!isOnly && (
            <button type="button" aria-label={words.value.closeView(name)} onClick={() => close(id)}>
              ×
            </button>
          )}
        </header>
      )}
      <div class={styles.body}>
        <Guarded id={id} key={id} />
      </div>
    </section>
  );
}

function close(id: ViewId): void {
  hideView(id);
  focusWorkspace();
}

function Guarded({ id }: { readonly id: ViewId }) {
  const [failure, tryAgain] = useErrorBoundary(error => console.error(error));
  if (failure !== undefined) {
    return (
      <div class={styles.failure} role="alert">
        <p>{words.value.failed(words.value.views[id])}</p>
        <button type="button" onClick={tryAgain}>
          {words.value.tryAgain}
        </button>
      </div>
    );
  }
  const View = VIEWS[id].component;
  // What belongs to one session is not carried into the next.
  return <View key={sessionKey()} session={session.value} />;
}

const keys = new WeakMap<object, number>();
let lastKey = 0;

function sessionKey(): number {
  const known = keys.get(session.value);
  if (known !== undefined) return known;
  keys.set(session.value, ++lastKey);
  return lastKey;
}
