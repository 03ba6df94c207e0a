/** The fields of a packet as a tree: WAI-ARIA's pattern, with the focus on the whole. */
import { useEffect, useId, useRef } from "preact/hooks";
import type { FieldNode } from "../../../../src/capture/dissect.ts";
import { wordsOf } from "../../text/language.ts";
import type { FieldRow } from "./field-rows.ts";
import styles from "./packets.module.css";
import { PACKETS_WORDS } from "./words.ts";

const words = wordsOf(PACKETS_WORDS);

interface FieldTreeProps {
  readonly rows: readonly FieldRow[];
  readonly current: string | undefined;
  readonly onCurrent: (path: string) => void;
  readonly onHover: (path: string | undefined) => void;
  readonly onFold: (node: FieldNode, isOpen: boolean) => void;
}

export function FieldTree({ rows, current, onCurrent, onHover, onFold }: FieldTreeProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const idOf = (path: string): string => `${id}-${path}`;
  useEffect(() => {
    if (current !== undefined) document.getElementById(idOf(current))?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.findIndex(({ path }) => path === current);
    if (!moved(event.key, at, rows, onCurrent, onFold)) return;
    event.preventDefault();
  };
  return (
    <div
      class={styles.tree}
      ref={box}
      role="tree"
      tabIndex={0}
      aria-label={words.value.fields}
      aria-activedescendant={current === undefined ? undefined : idOf(current)}
      onKeyDown={press}
      onMouseLeave={() => onHover(undefined)}
    >
      {rows.map(({ node, level, path, isOpen }) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and tells who is active
        <div
          key={path}
          id={idOf(path)}
          role="treeitem"
          // Fields are called as the protocols' own documents call them.
          lang="en"
          aria-level={level}
          aria-expanded={node.children.length === 0 ? undefined : isOpen}
          aria-selected={path === current}
          class={styles.field}
          data-problem={node.problem !== undefined || node.checksum === "bad" || undefined}
          style={{ paddingInlineStart: `${0.25 + 0.9 * (level - 1)}rem` }}
          onMouseEnter={() => onHover(path)}
          onClick={() => {
            onCurrent(path);
            if (node.children.length > 0) onFold(node, !isOpen);
          }}
        >
          <span class={styles.fold} aria-hidden="true">
            {node.children.length === 0 ? "" : isOpen ? "▾" : "▸"}
          </span>
          <span class={styles.name}>{node.name}</span>
          {node.value !== "" && <span class={styles.value}>: {node.value}</span>}
          {node.problem !== undefined && <span class={styles.fault}> [{node.problem}]</span>}
        </div>
      ))}
    </div>
  );
}

/** Whether the key was one of the tree's. */
function moved(
  key: string,
  at: number,
  rows: readonly FieldRow[],
  onCurrent: (path: string) => void,
  onFold: (node: FieldNode, isOpen: boolean) => void,
): boolean {
  const go = (index: number): boolean => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) onCurrent(row.path);
    return true;
  };
  const row = rows[at];
  switch (key) {
    case "ArrowDown":
    case "j":
      return go(at + 1);
    case "ArrowUp":
    case "k":
      return go(at - 1);
    case "Home":
      return go(0);
    case "End":
      return go(rows.length - 1);
    case "ArrowRight":
      if (row === undefined || row.node.children.length === 0) return true;
      if (row.isOpen) return go(at + 1);
      onFold(row.node, true);
      return true;
    case "ArrowLeft":
      if (row === undefined) return true;
      if (row.isOpen) onFold(row.node, false);
      else if (row.path.includes(".")) onCurrent(row.path.slice(0, row.path.lastIndexOf(".")));
      return true;
    default:
      return false;
  }
}
