import type { Millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Priority } from '#domain/task.ts';
import type { Holds, Taken } from '../ports.ts';

/** A hold is taken for so many calls at once, as far as that leaves three quarters of the room to others. */
const CALLS_AHEAD = 16;

interface Block {
  readonly key: string;
  readonly nano: number;
  spent: number;
  drawn: number;
  inFlight: number;
  usedAt: Millis;
}

/** Money for one call. */
export interface Draw {
  readonly block: string;
  readonly nano: NanoUsd;
  /** Once: what it really cost; the rest goes back at once. */
  settle(actual: NanoUsd, now: Millis): void;
}

export type Drawn = { readonly kind: 'drawn'; readonly draw: Draw } | Extract<Taken, { kind: 'over' }>;

/**
 * Holds of one payer. The ledger has them in SQL before a call is made, so that no number of processes passes a cap;
 * calls draw on them in memory, so that most of them need no transaction. What a crash leaves open is settled from the
 * record of calls.
 */
export class Purse {
  readonly #holds: Holds;
  readonly #scopes: readonly string[];
  readonly #priority: Priority;
  #blocks: Block[] = [];
  /** No call draws on these any more; settling one that failed is tried again. */
  readonly #closing = new Set<Block>();
  #taking: Promise<unknown> = Promise.resolve();
  #asking = 0;

  constructor(options: { holds: Holds; scopes: readonly string[]; priority: Priority }) {
    this.#holds = options.holds;
    this.#scopes = options.scopes;
    this.#priority = options.priority;
  }

  /** `want`, or what there is, as long as it is at least `least`. */
  async draw(want: NanoUsd, least: NanoUsd, now: Millis): Promise<Drawn> {
    const block = this.#roomiest();
    if (block !== undefined && freeOf(block) >= want) return drawn(this.#from(block, want, now));
    this.#asking++;
    const taken = this.#taking.then(() => this.#take(want, least, now)).finally(() => this.#asking--);
    this.#taking = taken.catch(() => undefined);
    return taken;
  }

  /**
   * Gives holds back that nothing has used for so long, or since a moment that is still to come: there the clock went
   * back. Rejects when the ledger does; then it is tried again by the next sweep.
   */
  async sweep(idleMs: number, now: Millis): Promise<void> {
    for (const block of this.#blocks) {
      const idle = now - block.usedAt;
      if (block.inFlight === 0 && (idle >= idleMs || idle < 0)) this.#closing.add(block);
    }
    this.#blocks = this.#blocks.filter((block) => !this.#closing.has(block));
    for (const block of [...this.#closing]) {
      if (!this.#closing.delete(block)) continue; // another sweep settles it
      try {
        await this.#holds.settle(block.key, nanoUsd(block.spent));
      } catch (error) {
        this.#closing.add(block);
        throw error;
      }
    }
  }

  /** Holds nothing, and is not about to. */
  get empty(): boolean {
    return this.#blocks.length === 0 && this.#closing.size === 0 && this.#asking === 0;
  }

  /** One at a time, so that many first calls at once share the hold that the first of them takes. */
  async #take(want: NanoUsd, least: NanoUsd, now: Millis): Promise<Drawn> {
    const block = this.#roomiest();
    if (block !== undefined && freeOf(block) >= want) return drawn(this.#from(block, want, now));
    const taken = await this.#holds.take({
      scopes: this.#scopes,
      priority: this.#priority,
      leastNano: least,
      wantNano: want,
      mostNano: nanoUsd(want * CALLS_AHEAD),
    });
    if (taken.kind === 'held') {
      const fresh = { key: taken.key, nano: taken.nano, spent: 0, drawn: 0, inFlight: 0, usedAt: now };
      this.#blocks.push(fresh);
      return drawn(this.#from(fresh, nanoUsd(Math.min(want, taken.nano)), now));
    }
    const rest = this.#roomiest();
    const free = rest === undefined ? 0 : freeOf(rest);
    return rest !== undefined && free >= least ? drawn(this.#from(rest, nanoUsd(Math.min(want, free)), now)) : taken;
  }

  #roomiest(): Block | undefined {
    let best: Block | undefined;
    for (const block of this.#blocks) if (best === undefined || freeOf(block) > freeOf(best)) best = block;
    return best;
  }

  #from(block: Block, nano: NanoUsd, now: Millis): Draw {
    block.drawn += nano;
    block.inFlight++;
    block.usedAt = now;
    return {
      block: block.key,
      nano,
      settle: (actual, at) => {
        block.drawn -= nano;
        block.spent += actual;
        block.inFlight--;
        block.usedAt = at;
      },
    };
  }
}

function freeOf(block: Block): number {
  return block.nano - block.spent - block.drawn;
}

function drawn(draw: Draw): Drawn {
  return { kind: 'drawn', draw };
}
