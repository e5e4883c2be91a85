/**
 * What is made when it is first needed. Whoever asks meanwhile waits for the same one; a fault is told to those who waited
 * and not kept, so that the next who asks tries again.
 */
export class Lazy<T> {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | undefined;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  get(): Promise<T> {
    if (this.#made !== undefined) return this.#made;
    const made = this.#make();
    this.#made = made;
    made.catch(() => {
      this.#made = undefined; // before anybody who waits hears of it
    });
    return made;
  }

  /** What was made or is being made; undefined when nothing was, or that failed. Makes nothing. */
  async made(): Promise<T | undefined> {
    return this.#made?.catch(() => undefined);
  }
}
