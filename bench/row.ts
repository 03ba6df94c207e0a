/**
 * What the bench measures. A row is one workload that several contestants carry out in turn, in the same run:
 * A B C A B C …. Each turn yields a number for each of the row's quantities; the table shows their medians,
 * and targets compare one contestant's median with another's, or with a fixed number.
 *
 * Rows stand in `rows/`, one file a topic, and are listed in `rows/rows.ts`.
 */

/** One number of a row: throughput, p50, bytes a connection. */
export interface Quantity {
  /** As contestants answer it, and as targets name it: "throughput". */
  readonly name: string;
  /** "Gbit/s", "µs", "s/GB". */
  readonly unit: string;
  readonly better: "more" | "less";
  /**
   * The number is a point of a curve: the page draws one line a contestant through all points of a chart, and
   * a section's charts side by side.
   */
  readonly point?: Point | undefined;
}

export interface Point {
  readonly chart: string;
  readonly x: number;
  /** "round-trip time, ms". */
  readonly xTitle: string;
}

/** The numbers of one turn, by the names of the row's quantities. */
export type Measurement = Readonly<Record<string, number>>;

/** What the run asks of each turn. */
export interface Conditions {
  /** The window that counts, in seconds; and what goes before it. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Aborted by Ctrl-C: stop, clean up, reject. */
  readonly signal: AbortSignal;
}

export interface Contestant {
  /** Unique within its row, and the same in all of them: "Postel, TUN", "kernel, veth". */
  readonly name: string;
  /** Builds what it needs, once a run; answers why it cannot take part here, as a sentence. */
  prepare?(): Promise<string | undefined>;
  measure(conditions: Conditions): Promise<Measurement>;
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** What must come out: the median of one contestant, by that of another if one is named. */
export interface Target {
  readonly quantity: string;
  readonly of: string;
  readonly against?: string | undefined;
  readonly bound: Bound;
}

export interface Row {
  /** For `--only`, and unique: "bulk-receive-1". */
  readonly name: string;
  /** Under which heading: "Bulk transfer". */
  readonly section: string;
  /** One line for people: "kernel → peer, one stream". */
  readonly title: string;
  readonly quantities: readonly Quantity[];
  readonly contestants: readonly Contestant[];
  readonly targets: readonly Target[];
  /** Needs namespaces and devices. */
  readonly needsRoot: boolean;
  /** Takes minutes: only runs with `--long`, or when `--only` names it. */
  readonly isLong?: boolean | undefined;
  /** Fewer rounds than asked for, where one says as much as five. */
  readonly maxRounds?: number | undefined;
}
