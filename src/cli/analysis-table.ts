/** The connections of a capture as a table: two lines for each, one for either end. */
import Table from "cli-table3";
import type { ConnectionSummary, EndSummary } from "../analysis/summary.ts";
import { bytesText, countText, durationText } from "./quantity-text.ts";

const COLUMNS = ["#", "ends", "outcome", "packets", "text", "rate", "round trip", "sent again"] as const;
const NUMBERS: ReadonlySet<string> = new Set(["#", "packets", "text", "rate", "round trip"]);

export function connectionTable(connections: readonly ConnectionSummary[]): string {
  const table = new Table({
    head: [...COLUMNS],
    style: { head: [], border: [], compact: true },
    colAligns: COLUMNS.map(name => (NUMBERS.has(name) ? "right" : "left")),
  });
  for (const connection of connections) table.push(cellsOf(connection));
  return table.toString();
}

function cellsOf(connection: ConnectionSummary): string[] {
  const { number, ends, outcome, lastTime, firstTime } = connection;
  const both = (text: (end: EndSummary) => string): string => ends.map(text).join("\n");
  return [
    String(number),
    both(endText),
    `${outcome}\n${durationText(lastTime - firstTime)}`,
    both(end => countText(end.packets)),
    both(end => bytesText(end.bytes)),
    both(end => rateText(end.throughput)),
    both(({ roundTrips }) => (roundTrips.samples === 0 ? "–" : durationText(roundTrips.mean))),
    both(sentAgain),
  ];
}

function endText({ address, port }: EndSummary): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Of bytes per second, in bits, as networks are measured. */
export function rateText(bytesPerSecond: number): string {
  const bits = 8 * bytesPerSecond;
  if (bits === 0) return "–";
  if (bits < 1e3) return `${bits.toFixed(0)} bit/s`;
  if (bits < 1e6) return `${(bits / 1e3).toFixed(1)} kbit/s`;
  return bits < 1e9 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${(bits / 1e9).toFixed(2)} Gbit/s`;
}

function sentAgain({ retransmissions, causes, textSegments }: EndSummary): string {
  if (retransmissions === 0) return "–";
  const share = textSegments === 0 ? "" : ` (${((100 * retransmissions) / textSegments).toFixed(1)} %)`;
  const why = Object.entries(causes).map(([cause, count]) => `${cause} ${count}`);
  return `${countText(retransmissions)}${share}: ${why.join(", ")}`;
}
