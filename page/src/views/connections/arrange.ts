/** The order of the table: which rows pass the filter, and how they are sorted. */
import type { ConnectionRow } from "../../../../src/inspect/protocol.ts";
import type { Sort } from "../../table/virtual-table.tsx";
import type { RowFilter } from "./filter.ts";

export const COLUMN_IDS = [
  "connection",
  "host",
  "local",
  "remote",
  "state",
  "sent",
  "received",
  "up",
  "down",
  "srtt",
  "lost",
  "verdicts",
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

const KEYS: Readonly<Record<ColumnId, (row: ConnectionRow) => string | number>> = {
  connection: row => row.connection,
  host: row => row.host,
  local: row => endKey(row.local, row.localPort),
  remote: row => endKey(row.remote, row.remotePort),
  state: row => row.state,
  sent: row => row.bytesSent,
  received: row => row.bytesReceived,
  up: row => row.sendRate,
  down: row => row.receiveRate,
  srtt: row => row.srtt,
  lost: row => row.retransmissions,
  verdicts: row => row.verdicts.join(),
};

/** The numbers of the connections, in their order. Equal ones stay in the order of their opening. */
export function arrange(rows: Iterable<ConnectionRow>, matches: RowFilter, sort: Sort): readonly number[] {
  const key = KEYS[COLUMN_IDS.find(id => id === sort.column) ?? "connection"];
  const sign = sort.isDescending ? -1 : 1;
  const found: { readonly number: number; readonly key: string | number }[] = [];
  for (const row of rows) if (matches(row)) found.push({ number: row.connection, key: key(row) });
  found.sort((one, other) => {
    if (one.key === other.key) return one.number - other.number;
    return one.key < other.key ? -sign : sign;
  });
  return found.map(({ number }) => number);
}

/** A click on another column sorts by it, numbers from the largest; on the same one it turns the order. */
export function sortedBy(column: string, before: Sort): Sort {
  if (before.column === column) return { column, isDescending: !before.isDescending };
  return { column, isDescending: ["sent", "received", "up", "down", "srtt", "lost"].includes(column) };
}

/** Addresses in the order of their numbers, and not of their digits. */
function endKey(address: string, port: number): string {
  const parts = address.split(/[.:]/).map(part => part.padStart(4, "0"));
  return `${address.includes(":") ? "6" : "4"} ${parts.join(".")} ${String(port).padStart(5, "0")}`;
}
