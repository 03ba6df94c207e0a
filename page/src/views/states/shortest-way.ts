/**
 * What a search for the shortest way has reached (Dijkstra's algorithm, with a binary heap): its steps are
 * points with the direction in which one comes to them.
 */
const NOBODY = -1;

export class Search {
  readonly #costs: Float64Array;
  readonly #before: Int32Array;
  readonly #heap: number[] = [];
  readonly #heapCosts: number[] = [];

  constructor(points: number) {
    this.#costs = new Float64Array(points * 4).fill(Number.POSITIVE_INFINITY);
    this.#before = new Int32Array(points * 4).fill(NOBODY);
  }

  cost(step: number): number {
    return this.#costs[step] ?? Number.POSITIVE_INFINITY;
  }

  reach(point: number, direction: number, cost: number, from: number | undefined): void {
    const step = point * 4 + direction;
    if (cost >= this.cost(step)) return;
    this.#costs[step] = cost;
    this.#before[step] = from ?? NOBODY;
    this.#push(step, cost);
  }

  /** The nearest step that was not looked at yet. */
  nearest(): number | undefined {
    for (;;) {
      const cost = this.#heapCosts[0];
      const step = this.#pop();
      if (step === undefined || cost === this.cost(step)) return step;
    }
  }

  way(last: number): number[] {
    const points: number[] = [];
    for (let step = last; step !== NOBODY; step = this.#before[step] ?? NOBODY) points.push(step >> 2);
    return points.reverse();
  }

  #push(step: number, cost: number): void {
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentCost = this.#heapCosts[parent] ?? 0;
      if (parentCost <= cost) break;
      this.#put(at, this.#heap[parent] ?? 0, parentCost);
      at = parent;
    }
    this.#put(at, step, cost);
  }

  #pop(): number | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    const cost = this.#heapCosts.pop() ?? 0;
    const size = this.#heap.length;
    if (last === undefined || size === 0) return first;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if ((this.#heapCosts[child + 1] ?? Number.POSITIVE_INFINITY) < (this.#heapCosts[child] ?? 0)) child++;
      const childCost = this.#heapCosts[child] ?? 0;
      if (childCost >= cost) break;
      this.#put(at, this.#heap[child] ?? 0, childCost);
      at = child;
    }
    this.#put(at, last, cost);
    return first;
  }

  #put(at: number, step: number, cost: number): void {
    this.#heap[at] = step;
    this.#heapCosts[at] = cost;
  }
}
