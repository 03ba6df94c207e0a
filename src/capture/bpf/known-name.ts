/** What a table has under a name that somebody has typed: what every object inherits is no name of ours. */
export function known<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
