/** A guided scene as the page follows it: what has been told, where to look, what comes before and after. */
import type { ConnectionRow } from "../../../../src/inspect/protocol.ts";
import {
  type Remark,
  remarksOf,
  type SceneDescription,
  type SceneEnd,
} from "../../../../src/scenes/description.ts";

export interface Told {
  readonly remark: Remark;
  /** µs */
  readonly time: number;
}

/** In the order in which they were told; numbers that the scene does not have are left out. */
export function toldRemarks(
  description: SceneDescription,
  told: ReadonlyArray<{ readonly remark: number; readonly time: number }>,
): Told[] {
  const remarks = remarksOf(description);
  return told.flatMap(({ remark: number, time }) => {
    const remark = remarks[number];
    return remark === undefined ? [] : [{ remark, time }];
  });
}

/** The connection that is meant; undefined: it is not there. */
export function connectionAt(rows: Iterable<ConnectionRow>, { host, port }: SceneEnd): number | undefined {
  let first: number | undefined;
  for (const { connection, host: of, localPort, remotePort } of rows) {
    if (of !== host || (port !== undefined && localPort !== port && remotePort !== port)) continue;
    if (first === undefined || connection < first) first = connection;
  }
  return first;
}

export interface Neighbours {
  readonly previous: SceneDescription | undefined;
  readonly next: SceneDescription | undefined;
}

export function neighboursOf(catalog: readonly SceneDescription[], id: string): Neighbours {
  const at = catalog.findIndex(description => description.id === id);
  return { previous: at > 0 ? catalog[at - 1] : undefined, next: at < 0 ? undefined : catalog[at + 1] };
}
