/** Ways in which providers fail. */
const FAULTS = ['error', 'limit', 'too-long', 'stall', 'silent', 'garbage', 'cut', 'half-tool', 'no-usage'] as const;
export type Fault = (typeof FAULTS)[number];

/** What a prompt asks of the double in double braces. */
export interface Wishes {
  readonly tokens: number | undefined;
  readonly delayMs: number;
  readonly fault: Fault | undefined;
}

/** Reads wishes, and counts how often a fault with a number was granted. */
export class WishReader {
  readonly #granted = new Map<string, number>();

  read(text: string): Wishes {
    const [, tokens] = /\{\{tokens=(\d+)\}\}/.exec(text) ?? [];
    const [, delay] = /\{\{delay=(\d+)\}\}/.exec(text) ?? [];
    const [whole = '', name, times] = /\{\{fault=([a-z-]+)(?::(\d+))?[^}]*\}\}/.exec(text) ?? [];
    const fault = FAULTS.find((each) => each === name);
    return {
      tokens: tokens === undefined ? undefined : Number(tokens),
      delayMs: Number(delay ?? 0),
      fault: fault !== undefined && this.#grants(whole, times) ? fault : undefined,
    };
  }

  #grants(wish: string, times: string | undefined): boolean {
    if (times === undefined) return true;
    const granted = this.#granted.get(wish) ?? 0;
    this.#granted.set(wish, granted + 1);
    return granted < Number(times);
  }
}
