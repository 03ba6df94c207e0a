/**
 * A list that forgets its oldest items. It is one plain array that grows at its end; when it has grown a
 * quarter beyond its limit that quarter goes from its front at once, so an item costs the same however many
 * there were, and readers may index it and search it.
 */
export class StoryList<Item> {
  readonly items: Item[] = [];
  readonly #limit: number;
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  get last(): Item | undefined {
    return this.items[this.items.length - 1];
  }

  push(item: Item): void {
    this.items.push(item);
    const surplus = this.items.length - this.#limit;
    if (surplus <= this.#limit / 4) return;
    this.items.splice(0, surplus);
    this.#forgotten += surplus;
  }
}
