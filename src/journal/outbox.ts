import { type Clock, millis } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import type { DueMessage, JournalStore, Message } from './ports.ts';
import { within } from './within.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;

/** Tells one message to the outside. The same key may come twice and must then be the same as once. */
export type Deliver = (message: DueMessage, signal: AbortSignal) => Promise<void>;

export interface OutboxOptions {
  readonly sql: Sql;
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly log: Log;
  /** By kind of message; other kinds are left to the outbox that delivers them. */
  readonly deliver: { readonly [kind: string]: Deliver };
  /** Time for one delivery, ms; after twice that another process may try. */
  readonly limitMs: number;
}

/** Messages that are told to the outside after commit: each at least once, by whichever process drains. */
export class Outbox {
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Puts the message into the caller's transaction: it is told if and only if that commits. */
  async put(tx: Tx, message: Message): Promise<void> {
    await this.#options.store.putMessage(tx, message, this.#options.clock.now());
  }

  /** Delivers everything that is due; gives how many arrived. What failed is tried again later, ever less often. */
  async drain(signal: AbortSignal): Promise<number> {
    const { sql, store, clock, limitMs, deliver } = this.#options;
    const kinds = Object.keys(deliver);
    for (let delivered = 0; ;) {
      if (signal.aborted) return delivered;
      const now = clock.now();
      const message = await sql.tx((tx) => store.takeMessage(tx, { kinds, now, until: millis(now + 2 * limitMs) }));
      if (message === undefined) return delivered;
      if (await this.#attempt(message, signal)) delivered++;
    }
  }

  async #attempt(message: DueMessage, signal: AbortSignal): Promise<boolean> {
    const { sql, store, clock, log, limitMs, deliver } = this.#options;
    const { kind, key, attempts } = message;
    try {
      const tell = deliver[kind];
      if (tell === undefined) throw new Error(`nothing here delivers ${kind}`);
      const late = (): Error => new Error(`not delivered within ${limitMs} ms`);
      await within({ clock, signal, limitMs, late }, (inner) => tell(message, inner));
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      const at = millis(clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts));
      log.log('warn', 'a message was not delivered', { kind, key, attempts: attempts + 1, error });
      await sql.tx((tx) => store.messageFailed(tx, message, { at, error }));
      return false;
    }
    await sql.tx((tx) => store.messageDelivered(tx, message, clock.now()));
    return true;
  }
}
