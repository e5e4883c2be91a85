import { millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { JournalError } from './errors.ts';
import type { Hold, JournalTools, RunRecord } from './ports.ts';

/** One worker's hold on a run: kept by signs of life in the background, and checked in every write. */
export class Lease {
  readonly hold: Hold;
  readonly #tools: JournalTools;
  readonly #record: RunRecord;
  readonly #leaseMs: number;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #pulse: Promise<void>;
  #until: number;

  constructor(tools: JournalTools, record: RunRecord, leaseMs: number) {
    this.hold = { tenant: record.tenant, run: record.id, epoch: record.epoch };
    this.#tools = tools;
    this.#record = record;
    this.#leaseMs = leaseMs;
    this.#until = record.leaseUntil;
    this.#pulse = this.#keep();
  }

  /** Aborts when the hold is lost, with the error FENCED. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Runs `body` in a transaction that commits only while the hold lasts; renews the lease as well. */
  async write<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#ended.signal.aborted || this.#lost.signal.aborted) throw this.#fenced();
    const { sql, store, clock } = this.#tools;
    const until = millis(clock.now() + this.#leaseMs);
    const result = await sql.tx(async (tx) => {
      if (!(await store.renew(tx, this.hold, until))) throw this.#fenced();
      return body(tx);
    });
    this.#until = until;
    return result;
  }

  /** Ends the signs of life; false when they had ended before, or the hold was lost. */
  async end(): Promise<boolean> {
    const held = !this.#ended.signal.aborted && !this.#lost.signal.aborted;
    this.#ended.abort();
    await this.#pulse;
    return held;
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#tools;
    const over = AbortSignal.any([this.#ended.signal, this.#lost.signal]);
    for (;;) {
      await clock.sleep(this.#leaseMs / 3, over).catch(() => undefined); // cut short when the hold is over
      if (over.aborted) return;
      await this.write(async () => undefined).catch((cause: unknown) => {
        const error = cause instanceof Error ? cause.message : String(cause);
        log.log('warn', 'the lease of a run was not renewed', { run: this.hold.run, error });
        if (clock.now() >= this.#until) this.#fenced();
      });
    }
  }

  #fenced(): JournalError {
    const { id, epoch, owner } = this.#record;
    const message = `run ${id} is no longer held by ${owner}, epoch ${epoch}`;
    const error = new JournalError('FENCED', message, { run: id, epoch, owner });
    this.#lost.abort(error);
    return error;
  }
}
