import { appendEvent } from '#adapters/sql/index.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { ModelPlan, Rung } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { ModelUse } from '#agents/index.ts';
import type { Ending } from '../tasks/ending.ts';
import type { Road } from '../road.ts';

/** Failures that a stronger model might not have: the tests say no, or the agent did not get there. */
const CLIMBS = new Set([
  'TESTS_FAILED',
  'AGENT_STEPS',
  'AGENT_REPEATS',
  'AGENT_IDLE',
  'AGENT_CLAIM_UNTRUE',
  'AGENT_REFUSED',
  'PROMPT_TOO_LONG',
]);

const NOTHING: ModelUse = { calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: nanoUsd(0) };

/** How an attempt that did not end the task came out. */
type Failed = Extract<Ending, { kind: 'failed' }>;

/**
 * Tries the rungs of the plan in order, the cheapest first. The next one is taken only where the one before failed in a
 * way that a stronger model might not; why, and what each cost, stands on the card.
 */
export async function climb<T extends { readonly kind: string }>(
  road: Road,
  plan: ModelPlan,
  attempt: (rung: Rung) => Promise<T | Ending>,
): Promise<T | Ending> {
  let rung: Rung = { index: 0, model: plan.rungs[0] ?? '' };
  let before = NOTHING;
  for (;;) {
    const came = await attempt(rung);
    if (plan.rungs.length === 0) return came;
    const because = climbsFor(came);
    const model = plan.rungs[rung.index + 1];
    const next: Rung | undefined =
      because === undefined || model === undefined ? undefined : { index: rung.index + 1, model, because };
    const used = await account(road, rung, next);
    road.facts.rungs.push({ ...rung, used: difference(used, before), failed: failedWith(came), next: next?.model });
    if (next === undefined) return came;
    before = used;
    const testsSaid = because?.code === 'TESTS_FAILED' ? road.facts.proof?.outputTail : undefined;
    rung = testsSaid === undefined ? next : { ...next, testsSaid };
  }
}

function failedWith(came: { readonly kind: string }): Reason | undefined {
  // The cast is true: only an ending has the kind `failed`.
  return came.kind === 'failed' ? (came as Failed).reasons[0] : undefined;
}

function climbsFor(came: { readonly kind: string }): Reason | undefined {
  const reason = failedWith(came);
  return reason !== undefined && CLIMBS.has(reason.code) ? reason : undefined;
}

/** What the run has used so far as the gateway's books say it, and the choice of the next rung, on record. */
async function account(road: Road, rung: Rung, next: Rung | undefined): Promise<ModelUse> {
  const { house, task, run } = road;
  return road.step<ModelUse>(
    `rung:${rung.index + 1}`,
    () => house.models.used(run.record.id),
    async (tx, used) => {
      if (next === undefined) return;
      const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
      const data = { from: rung.model, to: next.model, because: next.because ?? null, usedSoFar: { ...used } };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'rung.taken', data });
    },
  );
}

function difference(after: ModelUse, before: ModelUse): ModelUse {
  return {
    calls: after.calls - before.calls,
    inputTokens: after.inputTokens - before.inputTokens,
    cachedTokens: after.cachedTokens - before.cachedTokens,
    outputTokens: after.outputTokens - before.outputTokens,
    costNano: nanoUsd(after.costNano - before.costNano),
  };
}
