import type { Clock } from '#kernel/clock.ts';
import { millis } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import type { Log } from '#kernel/log.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import { JournalError } from './errors.ts';
import type { Faults, Hold, JournalStore, RunRecord, StepRecord } from './ports.ts';
import { resultText, type Step } from './step.ts';
import { within } from './within.ts';

/** What a run works with. */
export interface RunTools {
  readonly sql: Sql;
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: Faults;
}

/**
 * One worker's hold on one run. While it lasts the lease is renewed in the background; when another worker has taken
 * the run over, every write throws FENCED and `signal` aborts. End it with `close` or `release`.
 */
export class Run implements AsyncDisposable {
  readonly record: RunRecord;
  /** Aborts when the hold is lost, or with the signal given to `open`. */
  readonly signal: AbortSignal;
  readonly #tools: RunTools;
  readonly #leaseMs: number;
  readonly #steps: StepRecord[];
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #pulse: Promise<void>;
  #leaseUntil: number;
  #finished = 0;
  #stepping = false;

  constructor(
    tools: RunTools,
    found: {
      readonly record: RunRecord;
      readonly steps: StepRecord[];
      readonly leaseMs: number;
      readonly signal?: AbortSignal;
    },
  ) {
    this.#tools = tools;
    this.record = found.record;
    this.#steps = found.steps;
    this.#leaseMs = found.leaseMs;
    this.#leaseUntil = found.record.leaseUntil;
    this.signal = AbortSignal.any([this.#lost.signal, ...(found.signal ? [found.signal] : [])]);
    this.#pulse = this.#keepLease();
  }

  /**
   * The step's recorded result if it has one; else runs it. After a throw the same step may be tried again.
   * Throws NONDETERMINISTIC when another step stands recorded in its place.
   */
  async step<T extends Json>(step: Step<T>): Promise<T> {
    if (this.#stepping) {
      throw new JournalError('STEPS_OVERLAP', `step "${step.name}" began before the one before it had ended`);
    }
    this.#stepping = true;
    try {
      return await this.#replayOrRun(step);
    } finally {
      this.#stepping = false;
    }
  }

  /** Runs `body` in a transaction that commits only while this worker holds the run; renews the lease as well. */
  async write<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#ended.signal.aborted) throw this.#fenced();
    const { sql, store, clock } = this.#tools;
    const until = millis(clock.now() + this.#leaseMs);
    const result = await sql.tx(async (tx) => {
      if (!(await store.renew(tx, this.#hold, until))) throw this.#fenced();
      return body(tx);
    });
    this.#leaseUntil = until;
    return result;
  }

  /** Renews the lease now, beside the renewals that happen by themselves. */
  async heartbeat(): Promise<void> {
    await this.write(async () => undefined);
  }

  /** Ends the run for good, together with what `body` writes: the task's end, its last events, its settlement. */
  async close(body: (tx: Tx) => Promise<void>): Promise<void> {
    const { store, clock } = this.#tools;
    await this.write(async (tx) => {
      await body(tx);
      await store.closeRun(tx, this.#hold, clock.now());
    });
    await this.#stop();
  }

  /** Gives the run up unfinished, so that any worker can take it over at once. */
  async release(): Promise<void> {
    await this.#stop();
    await this.#tools.sql.tx((tx) => this.#tools.store.renew(tx, this.#hold, millis(0)));
  }

  /** Releases the run unless it is closed, lost or released already. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended.signal.aborted && !this.#lost.signal.aborted) await this.release();
    await this.#stop();
  }

  get #hold(): Hold {
    return { tenant: this.record.tenant, run: this.record.id, epoch: this.record.epoch };
  }

  async #replayOrRun<T extends Json>(step: Step<T>): Promise<T> {
    const seq = this.#finished + 1;
    const recorded = this.#steps[seq - 1];
    if (recorded !== undefined && recorded.name !== step.name) throw this.#nondeterministic(recorded, step.name);
    if (recorded?.state === 'finished') {
      this.#finished = seq;
      return recorded.result as T; // true as far as the step of this name gave a T the first time
    }
    return this.#runStep(step, seq, recorded !== undefined);
  }

  async #runStep<T extends Json>(step: Step<T>, seq: number, recovering: boolean): Promise<T> {
    const { store, clock, faults } = this.#tools;
    const { name } = step;
    if (!recovering) {
      const at = clock.now();
      await this.write(async (tx) => {
        await store.startStep(tx, this.#hold, { seq, name, at });
        await step.intent?.(tx);
      });
      this.#steps.push({ seq, name, state: 'started', result: null, startedAt: at, finishedAt: null });
    }
    faults.at({ step: name, phase: 'before' });
    const key = `${this.record.id}/${seq}`;
    const limit = step.limitMs === undefined ? {} : { limitMs: step.limitMs };
    const bounds = { clock, signal: this.signal, late: () => this.#late(step), ...limit };
    const text = resultText(name, await within(bounds, (signal) => step.effect({ signal, key, recovering })));
    faults.at({ step: name, phase: 'during' });
    const result = JSON.parse(text) as T; // true: `resultText` refuses what would come back changed
    await this.write(async (tx) => {
      await store.finishStep(tx, this.#hold, { seq, result: text, at: clock.now() });
      await step.commit?.(tx, result);
    });
    this.#finished = seq;
    faults.at({ step: name, phase: 'after' });
    return result;
  }

  async #keepLease(): Promise<void> {
    const { clock, log } = this.#tools;
    const over = AbortSignal.any([this.#ended.signal, this.#lost.signal]);
    for (;;) {
      await clock.sleep(this.#leaseMs / 3, over).catch(() => undefined); // cut short when the run is over
      if (over.aborted) return;
      await this.heartbeat().catch((cause: unknown) => {
        const error = cause instanceof Error ? cause.message : String(cause);
        log.log('warn', 'the lease of a run was not renewed', { run: this.record.id, error });
        if (clock.now() >= this.#leaseUntil) this.#fenced();
      });
    }
  }

  async #stop(): Promise<void> {
    this.#ended.abort();
    await this.#pulse;
  }

  #fenced(): JournalError {
    const { id, epoch, owner } = this.record;
    const error = new JournalError('FENCED', `run ${id} is no longer held by ${owner}, epoch ${epoch}`, {
      run: id,
      epoch,
      owner,
    });
    this.#lost.abort(error);
    return error;
  }

  #nondeterministic(recorded: StepRecord, now: string): JournalError {
    const { id } = this.record;
    const message = `step ${recorded.seq} of run ${id} was "${recorded.name}" when it was recorded and is "${now}" now`;
    return new JournalError('NONDETERMINISTIC', message, { run: id, seq: recorded.seq, recorded: recorded.name, now });
  }

  #late({ name, limitMs }: { readonly name: string; readonly limitMs?: number }): JournalError {
    const details = { run: this.record.id, step: name, limitMs: limitMs ?? null };
    return new JournalError('STEP_TIMED_OUT', `step "${name}" took longer than its ${limitMs} ms`, details);
  }
}
