/**
 * A table of any number of rows, of which only those in sight are in the document. One row is current; keys
 * move it. The head stays; a click on a column's name sorts, where that is offered.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { rowHeight } from "./row-height.ts";
import { rowByKey, rowWindow, scrolledTo } from "./row-window.ts";
import styles from "./virtual-table.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly explanation?: string | undefined;
  /** In `rem`; undefined: what is left. */
  readonly width?: number | undefined;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface Sort {
  readonly column: string;
  readonly isDescending: boolean;
}

interface VirtualTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly count: number;
  readonly rowAt: (index: number) => Row | undefined;
  /** The index of the current row. */
  readonly current: number | undefined;
  /** Which row it is, wherever it stands: another one is brought into sight, a moved one is not. */
  readonly currentKey: number | undefined;
  readonly onCurrent: (index: number) => void;
  readonly sort?: Sort | undefined;
  readonly onSort?: (column: string) => void;
  /** A word by which the style sheet of the view knows the row. */
  readonly kindOf?: (row: Row) => string | undefined;
  /** It stays at its end while that grows, unless the user has scrolled away. */
  readonly followsEnd?: boolean;
  /** In px. */
  readonly minimumWidth: number;
}

export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { columns, count, current } = props;
  const size = rowHeight();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const [height, setHeight] = useState(0);
  const isAtEnd = useRef(true);
  const id = useId();

  useLayoutEffect(() => observeHeight(scroller.current, setHeight), []);
  useEffect(() => {
    const box = scroller.current;
    if (props.followsEnd === true && isAtEnd.current && box !== null) box.scrollTop = box.scrollHeight;
  }, [props.followsEnd, count]);
  useEffect(() => {
    if (current !== undefined) bringIntoSight(scroller.current, current, size);
  }, [props.currentKey, current === undefined]);

  const { first, end } = rowWindow(scrolled, height, size, count);
  const drawn = Array.from({ length: end - first }, (_, index) => first + index);
  const isCurrentDrawn = current !== undefined && current >= first && current < end;

  const moved = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = rowByKey(event.key, current, count, Math.max(1, Math.floor(height / size) - 2));
    if (next === undefined) return;
    event.preventDefault();
    props.onCurrent(next);
  };
  const scroll = (box: HTMLElement): void => {
    isAtEnd.current = box.scrollTop + box.clientHeight >= box.scrollHeight - size;
    setScrolled(box.scrollTop);
  };

  return (
    <div class={styles.scroller} ref={scroller} onScroll={event => scroll(event.currentTarget)}>
      <table
        class={styles.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are chosen: it is a grid
        role="grid"
        tabIndex={0}
        data-rows
        aria-label={props.label}
        aria-rowcount={count + 1}
        aria-activedescendant={isCurrentDrawn ? `${id}-${current}` : undefined}
        onKeyDown={moved}
        style={{ minWidth: `${props.minimumWidth}px`, "--row-height": `${size}px` }}
      >
        <colgroup>
          {columns.map(({ id: column, width }) => (
            <col key={column} style={{ width: width === undefined ? "auto" : `${width}rem` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(column => (
              <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={first * size} columns={columns.length} />
          {drawn.map(index => (
            <BodyRow key={index} index={index} id={`${id}-${index}`} table={props} />
          ))}
          <Gap height={(count - end) * size} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((column: string) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const isSorted = sort?.column === column.id;
  const direction = isSorted ? (sort.isDescending ? "descending" : "ascending") : undefined;
  return (
    <th
      scope="col"
      aria-sort={direction}
      data-number={column.isNumber || undefined}
      title={column.explanation}
    >
      {onSort === undefined ? (
        column.title
      ) : (
        <button type="button" data-sort={direction} onClick={() => onSort(column.id)}>
          {column.title}
        </button>
      )}
    </th>
  );
}

interface BodyRowProps<Row> {
  readonly index: number;
  readonly id: string;
  readonly table: VirtualTableProps<Row>;
}

function BodyRow<Row>({ index, id, table }: BodyRowProps<Row>) {
  const row = table.rowAt(index);
  return (
    <tr
      id={id}
      aria-rowindex={index + 2}
      aria-selected={index === table.current}
      data-kind={row === undefined ? undefined : table.kindOf?.(row)}
      onClick={() => table.onCurrent(index)}
    >
      {table.columns.map(({ id: column, isNumber, cell }) => (
        <td key={column} data-number={isNumber || undefined}>
          {row === undefined ? "" : cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Stands for rows that are not drawn. */
function Gap({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row that is empty, and has no focus
    <tr aria-hidden="true">
      <td colSpan={columns} class={styles.gap} style={{ height: `${height}px` }} />
    </tr>
  );
}

function observeHeight(box: HTMLElement | null, tell: (height: number) => void): (() => void) | undefined {
  if (box === null) return undefined;
  const observer = new ResizeObserver(() => tell(box.clientHeight));
  observer.observe(box);
  tell(box.clientHeight);
  return () => observer.disconnect();
}

function bringIntoSight(box: HTMLElement | null, index: number, size: number): void {
  if (box === null) return;
  const head = box.querySelector("thead")?.clientHeight ?? 0;
  box.scrollTop = scrolledTo(index, box.scrollTop, box.clientHeight, size, head);
}
