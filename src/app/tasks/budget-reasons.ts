import { formatUsd, type NanoUsd, nanoUsd } from '#kernel/money.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import { type LadderAnswer, type PlanPrice, roomOf } from '#qos/index.ts';

const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** Why a task may not start now for lack of money: rule, numbers, and the smallest safe next step. */
export function budgetReason(task: Task, answer: LadderAnswer, cheapest: PlanPrice): Reason {
  const { scope, rule, pace } = answer;
  if (scope === undefined || scope.capNano === null)
    throw new Error(`task ${task.id} was refused by a scope without a cap`);
  const cap = scope.capNano;
  const left = nanoUsd(Math.max(0, cap - scope.spentNano - scope.heldNano));
  const bound = formatUsd(cheapest.boundNano);
  const topUp = (missing: number): string => `maestro budget top-up --scope ${scope.scope} --usd ${usdAbove(missing)}`;
  if (cheapest.boundNano > cap) {
    return {
      code: 'BUDGET_TOO_SMALL',
      msg: `${scope.scope} has ${formatUsd(left)} left of ${formatUsd(cap)}; one run may cost ${bound}`,
      field: 'task.boundNano',
      fix: `submit with a smaller --max-usd, or ${topUp(cheapest.boundNano - left)}`,
    };
  }
  if (rule === 'pace') {
    const used = percent((scope.spentNano + scope.heldNano) / cap);
    return {
      code: 'BUDGET_PACE',
      msg: `${scope.scope} has used ${used} of ${formatUsd(cap)} at ${(pace ?? 0).toFixed(2)} times the pace that lasts to the end of its ${scope.period}; above 1.50 work of low priority waits`,
      field: 'tenant.budget',
      fix: 'wait, it goes on by itself when the pace has come down; or submit it with --priority hi',
    };
  }
  if (rule === 'low') {
    return {
      code: 'BUDGET_LOW',
      msg: `${scope.scope} has spent all but ${formatUsd(nanoUsd(cap - scope.spentNano))} of ${formatUsd(cap)}; what is left is for work of high priority`,
      field: 'tenant.budget',
      fix: `wait for the next ${scope.period ?? 'top-up'}, or ${topUp(cheapest.boundNano)}`,
    };
  }
  const room = roomOf(scope, task.priority) ?? nanoUsd(0);
  const kept =
    task.priority === 'lo' && scope.keptForHiNano > 0
      ? `, ${formatUsd(scope.keptForHiNano)} of it for high priority only`
      : '';
  return {
    code: 'BUDGET_EXHAUSTED',
    msg: `${scope.scope} has ${formatUsd(left)} left of ${formatUsd(cap)}${kept}; one run may cost ${bound}`,
    field: 'tenant.budget',
    fix: `wait for running work or the next ${scope.period ?? 'top-up'}, or ${topUp(cheapest.boundNano - room)}`,
  };
}

/** Dollars that cover the amount, to the cent above. */
function usdAbove(nano: number): string {
  return (Math.ceil(nano / 1e7) / 100).toFixed(2);
}

/** What moved a task to a cheaper plan. */
export function downshiftReason(from: PlanPrice, to: PlanPrice, { scope, rule, pace, roomNano }: LadderAnswer): Reason {
  const left = roomNano === null ? 'no limit' : formatUsd(roomNano);
  const cap = scope === undefined || scope.capNano === null ? '' : ` of ${formatUsd(scope.capNano)}`;
  return {
    code: rule === 'pace' ? 'DOWNSHIFT_PACE' : 'DOWNSHIFT_ROOM',
    msg: `plan ${to.id} (at most ${formatUsd(to.boundNano)}) instead of ${from.id} (${formatUsd(from.boundNano)}): ${scope?.scope ?? 'a scope'} has ${left} left${cap}, pace ${pace === null ? 'unknown' : pace.toFixed(2)}`,
    field: 'tenant.budget',
    fix: `for the plan that was asked for: maestro budget top-up --scope ${scope?.scope ?? 'org'} --usd ${usdAbove(roomMissing(from, roomNano))}`,
  };
}

function roomMissing(from: PlanPrice, roomNano: NanoUsd | null): number {
  return Math.max(from.boundNano, from.boundNano - (roomNano ?? 0));
}
