/** The table of connections: live, sorted, filtered; the selected one is what the other views show. */
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ConnectionRow, Verdict } from "../../../../src/inspect/protocol.ts";
import type { Session, ViewProps } from "../../state/session.ts";
import { breadth } from "../../state/workspace.ts";
import { FilterBox } from "../../table/filter-box.tsx";
import { type Column, type Sort, VirtualTable } from "../../table/virtual-table.tsx";
import { type Language, language, wordsOf } from "../../text/language.ts";
import { bytesText, countText, durationText, endText, rateText } from "../../text/quantities.ts";
import { arrange, COLUMN_IDS, type ColumnId, sortedBy } from "./arrange.ts";
import styles from "./connections.module.css";
import { FILTER_KEYS, type ParsedFilter, parseFilter } from "./filter.ts";
import { CONNECTIONS_WORDS, type ConnectionsWords, VERDICT_WEIGHTS } from "./words.ts";

const words = wordsOf(CONNECTIONS_WORDS);

/** Numbers change all the time; rows change their places less often than that. */
const REARRANGE_MILLISECONDS = 500;

export function Connections({ session }: ViewProps) {
  const text = useSignal("");
  const sort = useSignal<Sort>({ column: "connection", isDescending: false });
  const parsed = useComputed(() => parseFilter(text.value));
  const order = useOrder(session, parsed, sort);
  const hosts = useComputed(() => new Set(session.hello.value?.hosts.map(({ name }) => name)).size);

  const w = words.value;
  const rows = session.rows.value;
  const selected = session.selected.value;
  const isNarrow = breadth.value === "narrow";
  const columns = useMemo(
    () => columnsOf(w, language.value, isNarrow, hosts.value > 1),
    [w, isNarrow, hosts.value],
  );
  const count = order.value.length;
  return (
    <div class={styles.view}>
      <div class={styles.bar}>
        <FilterBox
          label={w.filter}
          hint={w.filterHint}
          help={w.filterHelp(FILTER_KEYS.join(" "))}
          text={text.value}
          problem={parsed.value.ok ? undefined : w.problem(parsed.value.problem)}
          onText={next => {
            text.value = next;
          }}
        />
        <Count shown={count} all={rows.size} hidden={session.hiddenRows.value} />
      </div>
      {count === 0 && <p class={styles.none}>{rows.size === 0 ? w.none : w.noneMatches}</p>}
      <div class={styles.table}>
        <VirtualTable<ConnectionRow>
          label={w.label}
          columns={columns}
          count={count}
          rowAt={index => rows.get(order.value[index] ?? -1)}
          current={indexOf(order.value, selected)}
          currentKey={selected}
          onCurrent={index => session.select(order.value[index])}
          sort={sort.value}
          onSort={column => {
            sort.value = sortedBy(column, sort.value);
          }}
          kindOf={({ state }) => (state === "CLOSED" || state === "TIME-WAIT" ? "ended" : undefined)}
          minimumWidth={isNarrow ? 390 : 940}
        />
      </div>
    </div>
  );
}

/** The order of the rows: at once after a choice of the user's, now and then as numbers change. */
function useOrder(
  session: Session,
  parsed: ReadonlySignal<ParsedFilter>,
  sort: ReadonlySignal<Sort>,
): ReadonlySignal<readonly number[]> {
  const order = useSignal<readonly number[]>([]);
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const choice = useRef<readonly unknown[]>([]);
  const arrangeNow = (): void => {
    clearTimeout(due.current);
    due.current = undefined;
    const filter = parsed.peek();
    if (filter.ok) order.value = arrange(session.rows.peek().values(), filter.matches, sort.peek());
  };
  useSignalEffect(() => {
    const next = [parsed.value, sort.value, session.rows.value.size === 0];
    const isChosen = next.some((part, at) => part !== choice.current[at]);
    choice.current = next;
    if (isChosen) arrangeNow();
    else due.current ??= setTimeout(arrangeNow, REARRANGE_MILLISECONDS);
  });
  useEffect(() => () => clearTimeout(due.current), []);
  return order;
}

function indexOf(order: readonly number[], connection: number | undefined): number | undefined {
  const index = connection === undefined ? -1 : order.indexOf(connection);
  return index < 0 ? undefined : index;
}

interface CountProps {
  readonly shown: number;
  readonly all: number;
  readonly hidden: number;
}

function Count({ shown, all, hidden }: CountProps) {
  const w = words.value;
  const [some, every, left] = [shown, all, hidden].map(count => countText(count, language.value));
  return (
    <span class={styles.count}>
      {w.count(some ?? "", every ?? "")}
      {hidden > 0 && ` · ${w.hidden(left ?? "")}`}
    </span>
  );
}

/** What there is room for on a phone. */
const NARROW_COLUMNS: readonly ColumnId[] = ["remote", "state", "up", "lost"];

function columnsOf(
  w: ConnectionsWords,
  speech: Language,
  isNarrow: boolean,
  hasHosts: boolean,
): readonly Column<ConnectionRow>[] {
  const cells = cellsOf(w, speech);
  return COLUMN_IDS.filter(id => (isNarrow ? NARROW_COLUMNS.includes(id) : id !== "host" || hasHosts)).map(
    id => ({
      id,
      title: w.columns[id],
      explanation: w.explanations[id],
      width: isNarrow ? NARROW_WIDTHS[id] : WIDTHS[id],
      isNumber: NUMBER_COLUMNS.includes(id),
      cell: cells[id],
    }),
  );
}

const NUMBER_COLUMNS: readonly ColumnId[] = ["connection", "sent", "received", "up", "down", "srtt", "lost"];

const WIDTHS: Partial<Readonly<Record<ColumnId, number>>> = {
  connection: 4,
  host: 6,
  local: 11,
  remote: 11,
  state: 7.5,
  sent: 5.5,
  received: 5.5,
  up: 6,
  down: 6,
  srtt: 5,
  lost: 4.5,
};

const NARROW_WIDTHS: Partial<Readonly<Record<ColumnId, number>>> = { state: 6.75, up: 5.25, lost: 4.75 };

function cellsOf(w: ConnectionsWords, speech: Language): Record<ColumnId, Column<ConnectionRow>["cell"]> {
  return {
    connection: row => row.connection,
    host: row => row.host,
    local: row => endText(row.local, row.localPort),
    remote: row => endText(row.remote, row.remotePort),
    state: row => row.state,
    sent: row => bytesText(row.bytesSent, speech),
    received: row => bytesText(row.bytesReceived, speech),
    up: row => (row.sendRate === 0 ? "" : rateText(row.sendRate, speech)),
    down: row => (row.receiveRate === 0 ? "" : rateText(row.receiveRate, speech)),
    srtt: row => (row.srtt === 0 ? "" : durationText(row.srtt, speech)),
    lost: row => (row.retransmissions === 0 ? "" : countText(row.retransmissions, speech)),
    verdicts: row => (
      <>
        {row.verdicts.map(verdict => (
          <VerdictMark key={verdict} verdict={verdict} words={w} />
        ))}
        {row.error !== undefined && <span class={styles.error}>{row.error}</span>}
      </>
    ),
  };
}

interface VerdictMarkProps {
  readonly verdict: Verdict;
  readonly words: ConnectionsWords;
}

function VerdictMark({ verdict, words: w }: VerdictMarkProps) {
  const { word, explanation } = w.verdicts[verdict];
  return (
    <span class={styles.verdict} data-weight={VERDICT_WEIGHTS[verdict]} title={explanation}>
      {word}
    </span>
  );
}
