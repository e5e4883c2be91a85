/** Binary min-heap that also finds its items, so that one can be moved or taken out in O(log n). */
export class Heap<Item> {
  readonly #items: Item[] = [];
  readonly #index = new Map<Item, number>();
  readonly #compare: (a: Item, b: Item) => number;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  has(item: Item): boolean {
    return this.#index.has(item);
  }

  /** In no particular order. */
  values(): Iterable<Item> {
    return this.#items.values();
  }

  push(item: Item): void {
    this.#up(item, this.#items.length);
  }

  pop(): Item | undefined {
    const least = this.#items[0];
    if (least !== undefined) this.delete(least);
    return least;
  }

  /** Puts an item in its place again after its order changed. */
  update(item: Item): void {
    const at = this.#index.get(item);
    if (at === undefined) return;
    this.#up(item, at);
    this.#down(item, this.#index.get(item) ?? at);
  }

  delete(item: Item): boolean {
    const at = this.#index.get(item);
    if (at === undefined) return false;
    this.#index.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#set(last, at);
      this.update(last);
    }
    return true;
  }

  #set(item: Item, at: number): void {
    this.#items[at] = item;
    this.#index.set(item, at);
  }

  #up(item: Item, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || this.#compare(parent, item) <= 0) break;
      this.#set(parent, at);
      at = above;
    }
    this.#set(item, at);
  }

  #down(item: Item, from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [this.#items[left], this.#items[left + 1]];
      if (a === undefined) break;
      const [child, below] = b !== undefined && this.#compare(b, a) < 0 ? [b, left + 1] : [a, left];
      if (this.#compare(item, child) <= 0) break;
      this.#set(child, at);
      at = below;
    }
    this.#set(item, at);
  }
}
