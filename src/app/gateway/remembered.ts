import type { Clock, Millis } from '#kernel/clock.ts';

/** What was learned lately, by name. A clock that went back makes nothing live longer: what comes from later is forgotten. */
export class Remembered<T> {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #known = new Map<string, { readonly value: T; readonly at: Millis }>();

  constructor(options: { clock: Clock; keepMs: number }) {
    this.#clock = options.clock;
    this.#keepMs = options.keepMs;
  }

  get(name: string): T | undefined {
    const known = this.#known.get(name);
    return known !== undefined && this.#stands(known.at) ? known.value : undefined;
  }

  /** `at`: when it was asked for; what changed since then it does not know. */
  set(name: string, value: T, at: Millis): void {
    this.#known.set(name, { value, at });
  }

  delete(name: string): void {
    this.#known.delete(name);
  }

  /** Forgets what stands no more. */
  sweep(): void {
    for (const [name, { at }] of this.#known) if (!this.#stands(at)) this.#known.delete(name);
  }

  #stands(at: Millis): boolean {
    const age = this.#clock.now() - at;
    return age >= 0 && age < this.#keepMs;
  }
}
