/** The options of a socket, as they were set: what is not set has its default where it is read. */
export class OptionValues {
  readonly #values: Map<number, number>;

  constructor(values: Iterable<[number, number]> = []) {
    this.#values = new Map(values);
  }

  get(level: number, name: number): number | undefined {
    return this.#values.get(keyOf(level, name));
  }

  isSet(level: number, name: number): boolean {
    return (this.get(level, name) ?? 0) !== 0;
  }

  set(level: number, name: number, value: number): void {
    this.#values.set(keyOf(level, name), value);
  }

  /** For the sockets that `accept` makes: they inherit all. */
  copy(): OptionValues {
    return new OptionValues(this.#values);
  }

  /** Every option that was set. */
  *entries(): Generator<{ level: number; name: number }> {
    for (const key of this.#values.keys()) yield { level: Math.floor(key / NAMES), name: key % NAMES };
  }
}

const NAMES = 1_024;

function keyOf(level: number, name: number): number {
  return level * NAMES + name;
}
