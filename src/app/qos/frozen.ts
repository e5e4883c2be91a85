import { listMeasures } from '#adapters/sql/index.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import { EVERYBODY } from '#qos/index.ts';
import type { House } from '../house.ts';

/** While error budgets are spent, a change of priority lo waits for a person: the fewer changes, the fewer things that break. */
export async function frozenAsk(house: House, task: Task): Promise<readonly Reason[]> {
  if (task.priority === 'hi') return [];
  const freeze = (await listMeasures(house.store.truth)).find(
    ({ kind, tenant }) => kind === 'freeze' && (tenant === EVERYBODY || tenant === task.tenant),
  );
  if (freeze === undefined) return [];
  const whose =
    freeze.tenant === EVERYBODY
      ? 'an error budget burns so fast that all changes'
      : `the error budget of ${freeze.tenant} is spent, so its changes`;
  return [
    {
      code: 'SLO_FROZEN',
      msg: `${whose} of low priority wait for a person`,
      field: 'tenant.slo',
      fix: 'look at it and approve it, or wait: maestro slo status',
    },
  ];
}
