import type { Json } from '#kernel/json.ts';
import type { Tx } from '#kernel/sql.ts';
import { JournalError } from './errors.ts';
import { Lease } from './lease.ts';
import type { JournalTools, RunRecord, StepRecord } from './ports.ts';
import { resultText, type Step } from './step.ts';
import { within } from './within.ts';

/**
 * One worker's hold on one run. While it lasts the lease is renewed in the background; when another worker has taken
 * the run over, every write throws FENCED and `signal` aborts. End it with `close` or `release`.
 */
export class Run implements AsyncDisposable {
  readonly record: RunRecord;
  /** Aborts when the hold is lost, or with the signal given to `open`. */
  readonly signal: AbortSignal;
  readonly #tools: JournalTools;
  readonly #lease: Lease;
  readonly #steps: StepRecord[];
  #finished = 0;
  #stepping = false;

  constructor(
    tools: JournalTools,
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
    this.#lease = new Lease(tools, found.record, found.leaseMs);
    this.signal = AbortSignal.any([this.#lease.lost, ...(found.signal ? [found.signal] : [])]);
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
      const seq = this.#finished + 1;
      const recorded = this.#steps[seq - 1];
      if (recorded !== undefined && recorded.name !== step.name) throw this.#nondeterministic(recorded, step.name);
      // The cast is true as far as the step of this name gave a T the first time.
      const result = recorded?.state === 'finished' ? (recorded.result as T) : await this.#perform(step, seq);
      this.#finished = seq;
      return result;
    } finally {
      this.#stepping = false;
    }
  }

  /** Runs `body` in a transaction that commits only while this worker holds the run; renews the lease as well. */
  async write<T>(body: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#lease.write(body);
  }

  /** Renews the lease now, beside the renewals that happen by themselves. */
  async heartbeat(): Promise<void> {
    await this.#lease.write(async () => undefined);
  }

  /** Ends the run for good, together with what `body` writes: the task's end, its last events, its settlement. */
  async close(body: (tx: Tx) => Promise<void>): Promise<void> {
    const { store, clock } = this.#tools;
    await this.#lease.write(async (tx) => {
      await body(tx);
      await store.closeRun(tx, this.#lease.hold, clock.now());
    });
    await this.#lease.end();
  }

  /** Gives the run up unfinished, so that any worker can take it over at once. Does nothing when it is not held. */
  async release(): Promise<void> {
    if (!(await this.#lease.end())) return;
    await this.#tools.sql.tx((tx) => this.#tools.store.renew(tx, this.#lease.hold, this.#tools.clock.now()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #perform<T extends Json>(step: Step<T>, seq: number): Promise<T> {
    const { store, clock, faults } = this.#tools;
    const { name } = step;
    const { hold } = this.#lease;
    const recovering = this.#steps[seq - 1] !== undefined;
    this.signal.throwIfAborted();
    if (!recovering) {
      await step.prepare?.();
      const at = clock.now();
      await this.#lease.write(async (tx) => {
        await store.startStep(tx, hold, { seq, name, at });
        await step.intent?.(tx);
      });
      this.#steps.push({ seq, name, state: 'started', result: null, startedAt: at, finishedAt: null });
    }
    faults.at({ step: name, phase: 'before' });
    const limit = step.limitMs === undefined ? {} : { limitMs: step.limitMs };
    const bounds = { clock, signal: this.signal, late: () => this.#late(step), ...limit };
    const key = `${this.record.id}/${seq}`;
    const text = resultText(name, await within(bounds, (signal) => step.effect({ signal, key, recovering })));
    faults.at({ step: name, phase: 'during' });
    const result = JSON.parse(text) as T; // true: `resultText` refuses what would come back changed
    await this.#lease.write(async (tx) => {
      await store.finishStep(tx, hold, { seq, result: text, at: clock.now() });
      await step.commit?.(tx, result);
    });
    faults.at({ step: name, phase: 'after' });
    return result;
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
