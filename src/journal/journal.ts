import type { RunId, TaskId, TenantId } from '#domain/ids.ts';
import { millis } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { RunRecord } from './ports.ts';
import { Run, type RunTools } from './run.ts';

export interface OpenRequest {
  readonly tenant: TenantId;
  readonly task: TaskId;
  /** Names this worker; unique for each start of its process. */
  readonly owner: string;
  /** How long the run stays this worker's without a sign of life, ms. */
  readonly leaseMs: number;
  /** Aborts the run's effects, for example when the worker is told to stop. */
  readonly signal?: AbortSignal;
}

/** Durable execution: what a run has done is known to whoever carries it on. */
export class Journal {
  readonly #tools: RunTools;
  readonly #ids: Ids;

  constructor(options: RunTools & { readonly ids: Ids }) {
    this.#tools = options;
    this.#ids = options.ids;
  }

  /**
   * Carries on the task's open run if its lease has passed, begins one if there is none, and gives undefined while
   * another worker holds it. Ask first whether the task has ended: a closed run is not opened again.
   */
  async open(request: OpenRequest): Promise<Run | undefined> {
    const { sql, store, clock } = this.#tools;
    const { tenant, task, owner, leaseMs } = request;
    const found = await sql.tx(async (tx) => {
      const now = clock.now();
      const leaseUntil = millis(now + leaseMs);
      const run = await store.findOpenRun(tx, tenant, task);
      if (run !== undefined && run.leaseUntil > now) return undefined;
      if (run !== undefined) {
        await store.takeOver(tx, run.id, { owner, until: leaseUntil });
        const record: RunRecord = { ...run, owner, leaseUntil, epoch: run.epoch + 1 };
        return { record, steps: await store.listSteps(tx, run.id) };
      }
      // The brand is true: this is where ids of runs are made.
      const id = this.#ids.next('run') as RunId;
      const fresh = { epoch: 1, state: 'open', startedAt: now, finishedAt: null } as const;
      const record: RunRecord = { id, tenant, task, owner, leaseUntil, ...fresh };
      await store.addRun(tx, record);
      return { record, steps: [] };
    });
    if (found === undefined) return undefined;
    return new Run(this.#tools, { ...found, leaseMs, ...(request.signal ? { signal: request.signal } : {}) });
  }

  /** Open runs that no worker holds any more, longest left first. */
  async abandoned(limit: number): Promise<RunRecord[]> {
    const { sql, store, clock } = this.#tools;
    return sql.tx((tx) => store.abandonedRuns(tx, clock.now(), limit));
  }
}
