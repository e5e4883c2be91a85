import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import { type Millis, millis } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Tx } from '#kernel/sql.ts';
import type { JournalTools, RunRecord } from './ports.ts';
import { Run } from './run.ts';

export interface OpenRequest {
  readonly tenant: TenantId;
  readonly task: TaskId;
  /** Names this worker; unique for each start of its process. */
  readonly owner: string;
  /** How long the run stays this worker's without a sign of life, ms. */
  readonly leaseMs: number;
  /**
   * Runs in the transaction that gives the hold: records what belongs to the start, or says false when the task wants
   * no run any more. Without it a worker that comes late would begin a second run of a task that has just ended.
   */
  begin(tx: Tx, run: RunRecord): Promise<boolean>;
  /** Aborts the run's effects, for example when the worker is told to stop. */
  readonly signal?: AbortSignal;
}

/** Durable execution: what a run has done is known to whoever carries it on. */
export class Journal {
  readonly #tools: JournalTools;
  readonly #ids: Ids;

  constructor(options: JournalTools & { readonly ids: Ids }) {
    this.#tools = options;
    this.#ids = options.ids;
  }

  /**
   * Carries on the task's open run if its lease has passed, or begins one if there is none. Undefined while another
   * worker holds it, or when the task wants no run.
   */
  async open(request: OpenRequest): Promise<Run | undefined> {
    const { leaseMs, signal } = request;
    const { sql, store } = this.#tools;
    const found = await sql.tx(async (tx) => {
      const record = await this.#claim(tx, request);
      return record && { record, steps: await store.listSteps(tx, record.id) };
    });
    return found && new Run(this.#tools, { ...found, leaseMs, ...(signal ? { signal } : {}) });
  }

  async #claim(tx: Tx, request: OpenRequest): Promise<RunRecord | undefined> {
    const { store, clock } = this.#tools;
    const { tenant, task, owner, leaseMs } = request;
    const now = clock.now();
    const leaseUntil = millis(now + leaseMs);
    const open = await store.findOpenRun(tx, tenant, task);
    if (open === undefined) {
      // The brand is true: this is where ids of runs are made.
      const id = this.#ids.next('run') as RunId;
      const fresh = { epoch: 1, state: 'open', startedAt: now, finishedAt: null } as const;
      const record: RunRecord = { id, tenant, task, owner, leaseUntil, ...fresh };
      if (!(await request.begin(tx, record))) return undefined;
      await store.addRun(tx, record);
      return record;
    }
    const record: RunRecord = { ...open, owner, leaseUntil, epoch: open.epoch + 1 };
    if (open.leaseUntil > now || !(await request.begin(tx, record))) return undefined;
    await store.takeOver(tx, record.id, { owner, until: leaseUntil });
    await this.#resume(tx, record, { leftAt: open.leaseUntil, now });
    return record;
  }

  /** A step that was cut off took as long as its worker had it, at most until its lease ended; the time since then is nobody's. */
  async #resume(tx: Tx, run: RunRecord, { leftAt, now }: { leftAt: Millis; now: Millis }): Promise<void> {
    const { store } = this.#tools;
    const cut = (await store.listSteps(tx, run.id)).find(({ state }) => state === 'started');
    if (cut === undefined) return;
    const tookMs = Math.max(0, Math.min(leftAt, now) - cut.startedAt);
    const hold = { tenant: run.tenant, run: run.id, epoch: run.epoch };
    await store.resumeStep(tx, hold, { seq: cut.seq, at: millis(now - tookMs) });
  }
}
