import { findRepository, findTaskWait, findTenant, listSteps } from '#adapters/sql/index.ts';
import type { Task } from '#domain/task.ts';
import type { Run } from '#journal/index.ts';
import { withAutonomy } from '../governance/autonomy.ts';
import type { House } from '../house.ts';
import { Road } from '../road.ts';
import { RunClock } from './run-clock.ts';
import { stepsMs } from './run-usage.ts';

/** The way of a run that this worker holds, as far as it has come. */
export async function roadOf(house: House, run: Run, task: Task): Promise<Road> {
  const { truth } = house.store;
  const tenant = await findTenant(truth, task.tenant);
  const repo = await findRepository(truth, task.tenant, task.repo);
  if (tenant === undefined || repo === undefined) throw new Error(`task ${task.id} has lost its tenant or repository`);
  const preemptions = (await findTaskWait(truth, task.id))?.preemptions ?? 0;
  const usedMs = stepsMs(await listSteps(truth, run.record.id), house.clock.now());
  const clock = new RunClock({ clock: house.clock, wallMs: house.runWallMs, usedMs });
  const limited = await withAutonomy(truth, tenant, task);
  return new Road({ house, run, task, tenant: limited, repo, preemptions, clock });
}
