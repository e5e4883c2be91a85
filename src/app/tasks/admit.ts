import type { Tx } from '#kernel/sql.ts';
import { type NanoUsd, nanoUsd } from '#kernel/money.ts';
import {
  appendEvent,
  changeTask,
  findRung,
  findTask,
  findTenant,
  listTasks,
  putRung,
  putTaskWait,
} from '#adapters/sql/index.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { Tenant } from '#domain/tenant.ts';
import { ladder, type LadderAnswer, type PlanPrice, type ScopeBalance } from '#qos/index.ts';
import { admissionsOf } from './admission.ts';
import { automatic } from '../upkeep/automatic.ts';
import { budgetReason, downshiftReason } from './budget-reasons.ts';
import { namedFacts, workLine } from './card.ts';
import type { House } from '../house.ts';
import { SYSTEM } from '../governance/principals.ts';

/** The scopes that pay for a task, from widest to narrowest. */
export function scopesOf(task: Pick<Task, 'id' | 'tenant'>, tenant: Pick<Tenant, 'team'>): readonly string[] {
  const team = tenant.team === undefined ? [] : [`team:${tenant.team}`];
  return ['org', ...team, `tenant:${task.tenant}`, `task:${task.id}`];
}

/** Ways to do a task with the most that each may cost, what was asked for first. A recipe has one. */
function plansOf(house: House, { work, boundNano }: Task): readonly [PlanPrice, ...PlanPrice[]] {
  const [first = { id: 'full', part: 1 }, ...cheaper] = house.budgetPlans;
  const price = ({ id, part }: House['budgetPlans'][number]): PlanPrice => ({
    id,
    boundNano: nanoUsd(Math.ceil(boundNano * part)),
  });
  return work.kind === 'recipe' ? [{ id: 'none', boundNano }] : [price(first), ...cheaper.map(price)];
}

/** Name of the hold that the n-th admission of a task took; the natural key of its settlement. */
function holdKey(task: Task, admission: number): string {
  return `${task.id}/${admission}`;
}

/** Turns the hold of the task's last admission into what was spent; nothing when it was never admitted. */
export async function settleHold(tx: Tx, house: House, task: Task, actualNano: NanoUsd): Promise<void> {
  const admission = (await admissionsOf(tx, task)).length;
  if (admission === 0) return;
  const { settled, breach } = await house.ledger.settle(tx, holdKey(task, admission), actualNano);
  if (!settled || !breach) return;
  const about = { tenant: task.tenant, task: task.id, by: SYSTEM };
  await appendEvent(tx, house.clock.now(), { ...about, type: 'budget.breached', data: { actualNano } });
}

/**
 * Asks the downshift ladder what the money allows, reserves the bound of that plan on every scope and moves the task to
 * `queued`; or to `deferred` (lo) or `denied` (hi). Runs in the caller's transaction. The caller enqueues afterwards;
 * what is `queued` in SQL and in no queue is found again by housekeeping. A task that somebody else moved on since it was
 * read is given as it is, and nothing is held for it.
 */
export async function admit(tx: Tx, house: House, task: Task): Promise<Task> {
  const now = await findTask(tx, task.tenant, task.id);
  if (now !== undefined && now.state !== task.state) return now;
  const tenant = await findTenant(tx, task.tenant);
  if (tenant === undefined) throw new Error(`task ${task.id} has lost its tenant`);
  const plans = plansOf(house, task);
  const scopes = scopesOf(task, tenant);
  const asked = await askLadder(tx, house, task, { plans, scopes });
  if (asked.plan === null) return refused(tx, house, task, asked, plans);
  const reservation = await house.ledger.reserve(tx, {
    key: holdKey(task, (await admissionsOf(tx, task)).length + 1),
    scopes,
    boundNano: asked.plan.boundNano,
    priority: task.priority,
  });
  // Between the look and the hold another process may have taken what was left.
  if (reservation.kind === 'over_cap') {
    return refused(tx, house, task, { ...asked, rule: 'room', scope: reservation.balance, plan: null }, plans);
  }
  return admitted(tx, house, task, asked, asked.plan, plans[0]);
}

async function askLadder(
  tx: Tx,
  house: House,
  task: Task,
  what: { readonly plans: readonly [PlanPrice, ...PlanPrice[]]; readonly scopes: readonly string[] },
): Promise<LadderAnswer> {
  const balances: ScopeBalance[] = [];
  for (const scope of what.scopes) {
    const balance = await house.ledger.balance(tx, scope);
    if (balance !== undefined) balances.push(balance);
  }
  const answer = ladder({
    scopes: balances,
    plans: what.plans,
    priority: task.priority,
    now: house.clock.now(),
    before: await findRung(tx, task.tenant, task.priority),
    ...house.ladder,
  });
  await putRung(tx, task.tenant, task.priority, answer.rung);
  return answer;
}

async function admitted(
  tx: Tx,
  house: House,
  task: Task,
  answer: LadderAnswer,
  plan: PlanPrice,
  requested: PlanPrice,
): Promise<Task> {
  if (!(await changeTask(tx, { tenant: task.tenant, id: task.id, from: task.state, to: 'queued', reasons: [] })))
    return task;
  const at = house.clock.now();
  const { tenant, id, priority } = task;
  const about = { tenant, task: id, by: SYSTEM };
  await putTaskWait(tx, { task: id, tenant, class: priority, state: 'waiting', since: at });
  const reason = plan.id === requested.id ? undefined : downshiftReason(requested, plan, answer);
  const because = reason && { because: reason.msg };
  const data = { boundNano: plan.boundNano, plan: plan.id, ...because };
  await appendEvent(tx, at, { ...about, type: 'task.admitted', data });
  if (reason !== undefined) {
    const data = { from: requested.id, to: plan.id, scope: answer.scope?.scope ?? null, reasons: [reason] };
    const decision = `Goes on with plan ${plan.id} instead of ${requested.id}`;
    await automatic(tx, house, { ...about, type: 'budget.downshifted', data }, cardOf(task, decision, reason));
  }
  return { ...task, state: 'queued', reasons: [] };
}

async function refused(
  tx: Tx,
  house: House,
  task: Task,
  answer: LadderAnswer,
  plans: readonly [PlanPrice, ...PlanPrice[]],
): Promise<Task> {
  const reason = budgetReason(task, answer, plans.at(-1) ?? plans[0]);
  const reasons = [reason];
  const { tenant, id, priority } = task;
  const state = priority === 'hi' ? 'denied' : 'deferred';
  if (task.state === state) return task;
  if (!(await changeTask(tx, { tenant, id, from: task.state, to: state, reasons }))) return task;
  const decision = state === 'denied' ? 'Refused: there is no money for it' : 'Deferred: it waits for money';
  const event = { type: `task.${state}`, tenant, task: id, by: SYSTEM, data: { reasons } } as const;
  await automatic(tx, house, event, cardOf(task, decision, reason));
  return { ...task, state, reasons };
}

function cardOf(
  task: Task,
  decision: string,
  reason: ReturnType<typeof budgetReason>,
): Parameters<typeof automatic>[3] {
  return {
    title: workLine(task.work),
    decision,
    rule: reason.code,
    reasons: [reason],
    facts: [{ name: 'priority', value: task.priority }, ...namedFacts(task)],
    nextStep: reason.fix,
  };
}

const PAGE = 1000;

/** Money came back, was topped up, or a new period began: a tenant's deferred work is admitted, in its order, as far as it fits. */
export async function wakeDeferred(house: House, tenant: TenantId): Promise<void> {
  for (let after: TaskId | undefined; ;) {
    const page = { tenant, state: 'deferred', limit: PAGE, ...(after === undefined ? {} : { after }) } as const;
    const deferred = await listTasks(house.store.truth, page);
    // One that does not fit, or cannot be admitted now, leaves room for a smaller one behind it.
    for (const task of deferred) {
      await wake(house, task).catch((error: unknown) => {
        house.log.log('error', 'deferred work was not admitted', { task: task.id, error: String(error) });
      });
    }
    after = deferred.at(-1)?.id;
    if (deferred.length < PAGE) return;
  }
}

async function wake(house: House, task: Task): Promise<void> {
  const admitted = await house.store.truth.tx((tx) => admit(tx, house, task));
  if (admitted.state === 'queued') await house.enqueue(admitted);
}
