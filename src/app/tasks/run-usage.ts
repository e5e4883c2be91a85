import { appendEvent, listSteps, readEvents } from '#adapters/sql/index.ts';
import type { ModelUse } from '#agents/index.ts';
import type { Task } from '#domain/task.ts';
import { slotCost } from '#domain/usage.ts';
import type { Run, StepRecord } from '#journal/index.ts';
import type { Millis } from '#kernel/clock.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Tx } from '#kernel/sql.ts';
import { settleHold } from './admit.ts';
import type { House } from '../house.ts';

/** Milliseconds that the steps of a run took, here or at another worker; one that was cut off counts until now. */
export function stepsMs(steps: readonly Pick<StepRecord, 'startedAt' | 'finishedAt'>[], now: Millis): number {
  return steps.reduce((sum, { startedAt, finishedAt }) => sum + Math.max(0, (finishedAt ?? now) - startedAt), 0);
}

export interface Used {
  readonly slotMs: number;
  readonly models: ModelUse;
  /** Of both. */
  readonly costNano: NanoUsd;
}

/** All that the run used so far. Slot time is the sum of the journal's step times, so time in which no worker had the run costs nothing; models cost what the gateway says. */
export async function usedBy(house: House, run: Run): Promise<Used> {
  const steps = await listSteps(house.store.truth, run.record.id);
  const slotMs = stepsMs(steps, house.clock.now());
  const models = await house.models.used(run.record.id);
  return { slotMs, models, costNano: nanoUsd(slotCost(slotMs, house.slotNanoPerHour) + models.costNano) };
}

/** Settles the task's hold by what the run used beyond what was settled for it before, when it gave way for lack of money. */
export async function settleUsage(tx: Tx, house: House, run: Run, task: Task, used: Used): Promise<void> {
  const charged = await readEvents(tx, task.tenant, { task: task.id, type: 'usage.charged', limit: 10_000 });
  const before = charged.filter((event) => event.run === run.record.id && event.data['step'] === undefined);
  const sofar = (name: string): number => before.reduce((total, { data }) => total + Number(data[name] ?? 0), 0);
  const { models } = used;
  const all = {
    slotMs: used.slotMs,
    costNano: used.costNano,
    modelCalls: models.calls,
    modelNano: models.costNano,
    inputTokens: models.inputTokens,
    outputTokens: models.outputTokens,
  };
  const data = Object.fromEntries(
    Object.entries(all).map(([name, amount]) => [name, Math.max(0, amount - sofar(name))]),
  );
  await settleHold(tx, house, task, nanoUsd(data['costNano'] ?? 0));
  const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
  await appendEvent(tx, house.clock.now(), { ...about, type: 'usage.charged', data });
}
