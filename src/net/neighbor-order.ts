/**
 * Which neighbor gives way when the cache is full: RFC 6583 §6.2. Those that answer are kept before those
 * that were only asked for; and both before those who only told their address: else a flood of such would
 * push out every question before its answer comes.
 *
 * There is a line for each worth. Who was used since his place in the line was given goes to its end when his
 * turn comes: so a use is nothing but its time, and a flood of new neighbors never has all of them searched.
 */
import type { Instant } from "../base/time.ts";
import type { Neighbor, NeighborState } from "./neighbor-cache.ts";

const WORTH: Record<NeighborState, number> = {
  failed: 0,
  incomplete: 2,
  stale: 3,
  delay: 4,
  probe: 4,
  reachable: 5,
};
/** He told his address, and nothing was sent to him. */
const HEARD_WORTH = 1;
const WORTHS = 6;

/** A place in a line. */
export class NeighborPlace {
  worth = -1;
  /** Since when. */
  at: Instant;
  ahead: Neighbor | undefined = undefined;
  behind: Neighbor | undefined = undefined;

  constructor(now: Instant) {
    this.at = now;
  }
}

interface Line {
  first: Neighbor | undefined;
  last: Neighbor | undefined;
}

export class NeighborOrder {
  readonly #lines: readonly Line[] = Array.from({ length: WORTHS }, () => ({
    first: undefined,
    last: undefined,
  }));

  /** The neighbor is new, or has changed: he stands where he stood if he is worth what he was. */
  place(neighbor: Neighbor, now: Instant): void {
    const worth = neighbor.isResolved && !neighbor.isUsed ? HEARD_WORTH : WORTH[neighbor.state];
    if (worth !== neighbor.place.worth) this.#moveToEnd(neighbor, worth, now);
  }

  remove(neighbor: Neighbor): void {
    const { place } = neighbor;
    const line = this.#lines[place.worth];
    if (line === undefined) return;
    const { ahead, behind } = place;
    if (ahead === undefined) line.first = behind;
    else ahead.place.behind = behind;
    if (behind === undefined) line.last = ahead;
    else behind.place.ahead = ahead;
    place.worth = -1;
    place.ahead = undefined;
    place.behind = undefined;
  }

  /** Who has not been used for longest of those that are worth least. */
  leastWorth(now: Instant): Neighbor | undefined {
    for (const line of this.#lines) {
      while (line.first !== undefined && line.first.usedAt > line.first.place.at) {
        this.#moveToEnd(line.first, line.first.place.worth, now);
      }
      if (line.first !== undefined) return line.first;
    }
    return undefined;
  }

  #moveToEnd(neighbor: Neighbor, worth: number, now: Instant): void {
    this.remove(neighbor);
    const { place } = neighbor;
    const line = this.#lines[worth] as Line;
    place.worth = worth;
    place.at = now;
    place.ahead = line.last;
    if (line.last === undefined) line.first = neighbor;
    else line.last.place.behind = neighbor;
    line.last = neighbor;
  }
}
