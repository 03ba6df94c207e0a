/** The far end of an inspector, in memory. */
import type { ConnectionRow, FromPage, InspectorChannel, ToPage } from "../../src/inspect/protocol.ts";

export type Said<Type extends ToPage["type"]> = Extract<ToPage, { readonly type: Type }>;

/** A page that remembers what it was told. */
export class MemoryPage implements InspectorChannel {
  onMessage: ((message: FromPage) => void) | undefined = undefined;
  onClosed: (() => void) | undefined = undefined;
  waiting = 0;
  said: ToPage[] = [];

  send(message: ToPage): void {
    // As on a wire: nothing that JSON cannot carry gets through.
    this.said.push(JSON.parse(JSON.stringify(message)) as ToPage);
  }

  close(): void {
    this.onClosed?.();
  }

  all<Type extends ToPage["type"]>(type: Type): Said<Type>[] {
    return this.said.filter((message): message is Said<Type> => message.type === type);
  }

  last<Type extends ToPage["type"]>(type: Type): Said<Type> {
    const last = this.all(type).at(-1);
    if (last === undefined) throw new Error(`the page was told of no ${type}`);
    return last;
  }

  /** The table as the page has it. */
  get rows(): ConnectionRow[] {
    const rows = new Map<number, ConnectionRow>();
    for (const message of this.all("rows")) {
      for (const row of message.rows) rows.set(row.connection, row);
      for (const connection of message.gone) rows.delete(connection);
    }
    return [...rows.values()];
  }

  hears(message: FromPage): void {
    this.onMessage?.(message);
  }
}
