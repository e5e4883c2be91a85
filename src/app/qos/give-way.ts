import {
  addPreemption,
  changeTask,
  findPreemptionOrder,
  findStopOrder,
  findTaskWait,
  markInShare,
  type PreemptionOrder,
  putTaskWait,
  type StopOrder,
  takePreemptionOrder,
} from '#adapters/sql/index.ts';
import { formatDuration } from '#kernel/duration.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import { mayGiveWay } from '#qos/index.ts';
import type { Run } from '#journal/index.ts';
import { automatic } from '../upkeep/automatic.ts';
import { workLine } from '../tasks/card.ts';
import type { House } from '../house.ts';
import { SYSTEM } from '../governance/principals.ts';
import { settleUsage, usedBy } from '../tasks/run-usage.ts';

/** The run leaves its slot at a step boundary, with nothing lost: it was asked to, or everything of its tenant is stopped. */
export class GaveWay extends Error {
  readonly because: PreemptionOrder | StopOrder;

  constructor(because: PreemptionOrder | StopOrder) {
    super('rule' in because ? `gave way (${because.rule})` : `stopped by ${because.by}`);
    this.because = because;
  }
}

/**
 * Called before each step that really runs. Throws `GaveWay` when the step must not begin: an emergency stop always, a
 * preemption when this task may give way and no other has taken the order. Both are read from SQL, so they reach every worker.
 */
export async function mayBegin(house: House, task: Task): Promise<void> {
  const { truth } = house.store;
  const stop = await findStopOrder(truth, task.tenant);
  if (stop !== undefined) throw new GaveWay(stop);
  const order = await findPreemptionOrder(truth, task.tenant, task.id);
  const wait = order && (await findTaskWait(truth, task.id));
  if (order === undefined || wait === undefined) return;
  const ranMs = house.clock.now() - wait.since;
  const { preemptions } = wait;
  const boundary = { tenant: task.tenant, task: task.id, priority: task.priority, ranMs, preemptions };
  if (!mayGiveWay(boundary, house.slo.quantumMs)) return;
  if (await truth.tx((tx) => takePreemptionOrder(tx, order.id))) throw new GaveWay(order);
}

/** Puts the task back where it can go on from its last step: queued, or deferred when its money is needed elsewhere. */
export async function putBack(house: House, run: Run, task: Task, { because }: GaveWay): Promise<Task['state']> {
  const at = house.clock.now();
  const to = 'rule' in because && because.rule === 'budget' ? 'deferred' : 'queued';
  const { tenant, id } = task;
  const reasons = 'rule' in because ? [reasonOf(because)] : [];
  const used = await usedBy(house, run);
  await run.write(async (tx) => {
    const kept = to === 'deferred' ? reasons : [];
    if (!(await changeTask(tx, { tenant, id, from: 'running', to, reasons: kept, run: run.record }))) return;
    await putTaskWait(tx, { task: id, tenant, class: task.priority, state: 'waiting', since: at });
    if (!('rule' in because)) return markInShare(tx, id, false);
    await addPreemption(tx, id);
    if (to === 'deferred') await settleUsage(tx, house, run, task, used);
    const [reason] = reasons;
    const told = toldOf(because);
    const event = { type: 'task.preempted', tenant, task: id, run: run.record.id, by: SYSTEM } as const;
    await automatic(
      tx,
      house,
      { ...event, data: { reasons, ...told } },
      {
        title: workLine(task.work),
        decision:
          to === 'queued'
            ? 'Gave its slot back; it goes on from its last step'
            : 'Gave way; it goes on from its last step when there is money',
        rule: reason?.code ?? '',
        reasons,
        facts: Object.entries(told).map(([name, value]) => ({ name, value: String(value) })),
        nextStep: reason?.fix ?? '',
      },
    );
  });
  return to;
}

/** What the tenant that gives way reads of the order: neither name nor task of another tenant. */
function toldOf({ tenant, body }: PreemptionOrder): PreemptionOrder['body'] {
  const isOwn = body['tenant'] === tenant;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => isOwn || (name !== 'tenant' && name !== 'waitedFor')),
  );
}

/** Rule, numbers and next step of a preemption. */
function reasonOf({ tenant, rule, body }: PreemptionOrder): Reason {
  const text = (name: string): string => String(body[name] ?? 'unknown');
  if (rule === 'budget') {
    return {
      code: 'PREEMPTED_BUDGET',
      msg: `${text('scope')} has all but $${text('leftUsd')} of $${text('capUsd')} spent; below $${text('belowUsd')} work of low priority gives way`,
      field: 'tenant.budget',
      fix: `wait for the next period, or maestro budget top-up --scope ${text('scope')} --usd 1`,
    };
  }
  const who = body['tenant'] === tenant ? 'urgent work of this tenant' : 'a tenant within its share';
  return {
    code: 'PREEMPTED_SHARE',
    msg: `${who} had waited ${formatDuration(Number(body['waitedMs']))} for a slot; this tenant had ${text('running')} where ${text('due')} are due`,
    field: 'tenant.weight',
    fix: 'nothing: it goes on by itself; for more slots raise the weight of the tenant or add workers',
  };
}
