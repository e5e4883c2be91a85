import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Holds } from '../ports.ts';
import type { VirtualKey } from '../key.ts';
import { Purse } from './purse.ts';

/** A hold that nothing has used for so long goes back to the ledger. */
const IDLE_MS = 250;

/** The purses of this process, one for each payer. */
export class Purses {
  readonly #holds: Holds;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #purses = new Map<string, Purse>();

  constructor(options: { holds: Holds; clock: Clock; log: Log }) {
    this.#holds = options.holds;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  of({ scopes, priority }: Pick<VirtualKey, 'scopes' | 'priority'>): Purse {
    const name = `${priority} ${scopes.join(' ')}`;
    let purse = this.#purses.get(name);
    if (purse === undefined) {
      purse = new Purse({ holds: this.#holds, scopes, priority });
      this.#purses.set(name, purse);
    }
    return purse;
  }

  /** Gives back what lies idle, until the signal aborts; then everything that no call holds. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(IDLE_MS, signal).catch(() => undefined);
      await this.sweep(signal.aborted ? 0 : IDLE_MS);
    }
  }

  /** What the ledger does not take back now is tried again by the next sweep. */
  async sweep(idleMs: number): Promise<void> {
    for (const [name, purse] of this.#purses) {
      await purse.sweep(idleMs, this.#clock.now()).catch((error: unknown) => {
        this.#log.log('error', 'a hold could not be given back yet', { purse: name, error: String(error) });
      });
      if (purse.empty) this.#purses.delete(name);
    }
  }
}
