/**
 * What the page knows of what it watches, as signals: filled by the messages of a channel, read by the views.
 * A view gets the session and nothing else, so it does not know whether it shows a live host, a simulation
 * or a file.
 */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Problem } from "../../../src/inspect/problem.ts";
import type {
  Clock,
  ConnectionRow,
  FoundOut,
  FromPage,
  Hello,
  LinkDescription,
  Packet,
  Progress,
  Queues,
  Snapshot,
} from "../../../src/inspect/protocol.ts";
import type { Story } from "../../../src/inspect/story.ts";

export interface Session {
  /** Undefined: nothing is heard yet. */
  readonly hello: ReadonlySignal<Hello | undefined>;
  readonly isClosed: ReadonlySignal<boolean>;
  /** What went wrong last. */
  readonly trouble: ReadonlySignal<Problem | undefined>;
  readonly rows: ReadonlySignal<ReadonlyMap<number, ConnectionRow>>;
  /** So many connections have no row: there are too many of them. */
  readonly hiddenRows: ReadonlySignal<number>;
  /** The connection that is shown, and its other end where that is known too. */
  readonly selected: ReadonlySignal<number | undefined>;
  readonly otherEnd: ReadonlySignal<number | undefined>;
  select(connection: number | undefined): void;
  /** Connections that a view shows beside the selected one; they are watched too. Views set it. */
  readonly compared: Signal<readonly number[]>;
  /**
   * Of the watched connections. The signal gets a new map when stories have grown, at most once a frame;
   * a story itself is one object that grows.
   */
  readonly stories: ReadonlySignal<ReadonlyMap<number, Story>>;
  readonly snapshots: ReadonlySignal<ReadonlyMap<number, Snapshot>>;
  readonly queues: ReadonlySignal<Queues | undefined>;
  /** Of simulations. */
  readonly clock: ReadonlySignal<Clock | undefined>;
  readonly links: ReadonlySignal<readonly LinkDescription[]>;
  readonly packets: ReadonlySignal<readonly Packet[]>;
  readonly skippedPackets: ReadonlySignal<number>;
  /** Of a file, the worst first. */
  readonly findings: ReadonlySignal<readonly FoundOut[]>;
  /** How far the reading of a file is; undefined: nothing is being read. */
  readonly progress: ReadonlySignal<Progress | undefined>;
  /** Remarks of a scene that have been told: their numbers and when, in µs. */
  readonly remarks: ReadonlySignal<ReadonlyArray<{ readonly remark: number; readonly time: number }>>;
  /** The instant that all views of time mark, in µs; undefined: none. Views set it. */
  readonly cursor: Signal<number | undefined>;
  send(message: FromPage): void;
  close(): void;
}

/** Every view is one. */
export interface ViewProps {
  readonly session: Session;
}
