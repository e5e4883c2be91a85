/** Work of one name, one after the other, within this process. */
export class InTurn {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when everything of its name that came before has ended, well or not. */
  async after<T>(name: string, work: () => Promise<T>): Promise<T> {
    for (let before = this.#last.get(name); before !== undefined; before = this.#last.get(name)) {
      await before.catch(() => undefined);
    }
    const own = work(); // between the last look and this nobody else has had a turn
    this.#last.set(name, own);
    try {
      return await own;
    } finally {
      this.#last.delete(name);
    }
  }
}
