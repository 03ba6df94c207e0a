/**
 * Where what is written along wires stands: on a wire, or beside it, upon no box and upon nothing else that
 * is written, and off other wires where that can be had. What has the fewest places to stand chooses first.
 */

/** Pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Label {
  readonly width: number;
  readonly height: number;
  /** Upon the wire itself, or beside it. */
  readonly stands: "on" | "beside";
  /** Corners of the wire, as far as it is no other's. */
  readonly along: ReadonlyArray<readonly [x: number, y: number]>;
}

/** What it costs to stand upon a wire, for each pixel of the wire; and to be away from the wire's beginning. */
const UPON_A_WIRE = 2;
const AWAY = 0.15;
const CLEARANCE = 3;
const STEP = 4;
/** So often each may look for a place, on the average. */
const ROUNDS = 8;

interface Place {
  readonly area: Area;
  readonly cost: number;
}

/** In the order of `labels`; undefined: there is no room. */
export function placeLabels(
  labels: readonly Label[],
  obstacles: readonly Area[],
  wires: ReadonlyArray<ReadonlyArray<readonly [number, number]>>,
  bounds: Area,
): Array<Area | undefined> {
  const runs = wires.flatMap(wire => runsOf(wire));
  const choices = labels.map((label, index) => {
    const free = placesOf(label).filter(
      ({ area }) => isWithin(area, bounds) && !obstacles.some(other => overlap(area, grown(other))),
    );
    const places = free.map(({ area, cost }) => ({
      area,
      cost: cost + UPON_A_WIRE * runs.reduce((sum, run) => sum + lengthWithin(run, area), 0),
    }));
    return { index, places: places.sort((a, b) => a.cost - b.cost) };
  });
  choices.sort((a, b) => a.places.length - b.places.length);
  return settled(choices, labels.length);
}

interface Choice {
  readonly index: number;
  /** The cheapest first. */
  readonly places: readonly Place[];
}

/**
 * Each takes its cheapest free place. Who finds none takes one where the fewest have to go, and these look again;
 * so often at most as there is hope.
 */
function settled(choices: readonly Choice[], count: number): Array<Area | undefined> {
  const placed: Array<Area | undefined> = Array.from({ length: count }, () => undefined);
  const evictions = placed.map(() => 0);
  const waiting = choices.filter(({ places }) => places.length > 0);
  for (let tries = ROUNDS * count; tries > 0; tries--) {
    const choice = waiting.shift();
    if (choice === undefined) break;
    const best = leastInTheWay(choice.places, placed, evictions);
    if (best === undefined) break;
    for (const other of best.inTheWay) {
      placed[other] = undefined;
      evictions[other] = (evictions[other] ?? 0) + 1;
      const evicted = choices.find(({ index }) => index === other);
      if (evicted !== undefined) waiting.push(evicted);
    }
    placed[choice.index] = best.area;
  }
  return placed;
}

/** Who had to go often before weighs more. */
function leastInTheWay(
  places: readonly Place[],
  placed: ReadonlyArray<Area | undefined>,
  evictions: readonly number[],
) {
  let best:
    | { readonly area: Area; readonly inTheWay: readonly number[]; readonly weight: number }
    | undefined;
  for (const { area } of places) {
    const inTheWay = placed.flatMap((other, index) => (other && overlap(area, grown(other)) ? [index] : []));
    const weight = inTheWay.reduce((sum, other) => sum + 1 + (evictions[other] ?? 0), 0);
    if (best === undefined || weight < best.weight) best = { area, inTheWay, weight };
    if (weight === 0) break;
  }
  return best;
}

export function overlap(a: Area, b: Area): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function grown({ left, top, right, bottom }: Area): Area {
  return { left: left - 1, top: top - 1, right: right + 1, bottom: bottom + 1 };
}

function isWithin(area: Area, bounds: Area): boolean {
  return (
    area.left >= bounds.left &&
    area.right <= bounds.right &&
    area.top >= bounds.top &&
    area.bottom <= bounds.bottom
  );
}

/** A straight piece of a wire, as an area without breadth. */
function runsOf(corners: ReadonlyArray<readonly [number, number]>): Area[] {
  return corners.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = corners[index] ?? [x, y];
    return {
      left: Math.min(fromX, x),
      top: Math.min(fromY, y),
      right: Math.max(fromX, x),
      bottom: Math.max(fromY, y),
    };
  });
}

function lengthWithin(run: Area, area: Area): number {
  const width = Math.min(run.right, area.right) - Math.max(run.left, area.left);
  const height = Math.min(run.bottom, area.bottom) - Math.max(run.top, area.top);
  return width < 0 || height < 0 ? 0 : Math.max(width, height);
}

function placesOf(label: Label): Place[] {
  const places: Place[] = [];
  let passed = 0;
  label.along.slice(1).forEach(([x, y], index) => {
    const [fromX, fromY] = label.along[index] ?? [x, y];
    const length = Math.abs(x - fromX) + Math.abs(y - fromY);
    for (let on = 0; on <= length; on += STEP) {
      const part = length === 0 ? 0 : on / length;
      const at = [fromX + (x - fromX) * part, fromY + (y - fromY) * part] as const;
      const cost = (passed + on) * AWAY;
      for (const area of areasAt(label, at, fromX === x)) places.push({ area, cost });
    }
    passed += length;
  });
  return places;
}

function areasAt(
  { width, height, stands }: Label,
  [x, y]: readonly [number, number],
  isDown: boolean,
): Area[] {
  const around = { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
  if (stands === "on") return [around];
  const away = CLEARANCE + (isDown ? width : height) / 2;
  if (isDown) return [moved(around, away, 0), moved(around, -away, 0)];
  // Above and below, and flush with either end too: a short wire has few points.
  return [0, -width / 2, width / 2].flatMap(dx => [moved(around, dx, -away), moved(around, dx, away)]);
}

function moved({ left, top, right, bottom }: Area, dx: number, dy: number): Area {
  return { left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy };
}
