import { listWorkers, wantOfWorker } from '#adapters/sql/index.ts';
import type { Principal } from '#domain/action.ts';
import type { Wanted, WorkerRecord } from '#domain/worker.ts';
import { fits } from '#qos/index.ts';
import { platform } from '../access/platform.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { perform } from '../perform.ts';
import { learnPools } from '../upkeep/reconcile.ts';

export type FleetWorker = {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly labels: readonly string[];
  readonly slots: number;
  readonly running: number;
  /** `lost`: it gave no sign of life for a whole lease; its tasks are taken over. */
  readonly state: Wanted | 'lost';
  readonly startedAt: number;
  readonly seenMsAgo: number;
};

/** Demand and supply of one pool; what an autoscaler reads. */
export type Pool = {
  /** Labels that its tasks need; '' is the pool of tasks that need none. */
  readonly pool: string;
  readonly backlog: number;
  readonly running: number;
  /** Workers that serve it, and their slots; one that serves several pools counts in each. */
  readonly workers: number;
  readonly slots: number;
  /** (backlog + running) / slots: above 1 work waits. Null when no worker serves the pool. */
  readonly load: number | null;
};

export async function fleet(house: House): Promise<readonly FleetWorker[]> {
  return (await listWorkers(house.store.truth)).map((worker) => shown(house, worker));
}

function shown(house: House, { owner, wanted, seenAt, startedAt, ...same }: WorkerRecord): FleetWorker {
  const seenMsAgo = Math.max(0, house.clock.now() - seenAt);
  return { id: owner, ...same, state: seenMsAgo > house.leaseMs ? 'lost' : wanted, startedAt, seenMsAgo };
}

export async function pools(house: House): Promise<readonly Pool[]> {
  await learnPools(house);
  const workers = (await fleet(house)).filter(({ state }) => state === 'serving');
  const found: Pool[] = [];
  for (const [pool, queue] of house.queue.pools) {
    const counts = await queue.counts();
    const backlog = counts.reduce((sum, { waiting }) => sum + waiting, 0);
    const running = counts.reduce((sum, count) => sum + count.running, 0);
    const serving = workers.filter(({ labels }) => fits(pool, labels));
    const slots = serving.reduce((sum, worker) => sum + worker.slots, 0);
    found.push({
      pool,
      backlog,
      running,
      workers: serving.length,
      slots,
      load: slots === 0 ? null : (backlog + running) / slots,
    });
  }
  return found;
}

/** Throws NO_SUCH_WORKER and `Refusal`. An id may be shortened as long as it names one. */
export async function want(house: House, id: string, wanted: Wanted, by: Principal): Promise<FleetWorker> {
  const named = (await fleet(house)).filter((worker) => worker.id.includes(id));
  const [worker] = named;
  if (worker === undefined || named.length > 1) {
    const what = named.length > 1 ? `${named.length} workers are called` : 'there is no worker';
    throw new AppError('NO_SUCH_WORKER', `${what} "${id}"`, { details: { id } });
  }
  const resource = { kind: 'worker', id: worker.id, attributes: { wanted } };
  const asked = { name: 'worker.set', principal: by, tenant: platform(house), resource } as const;
  await perform(house, asked, (tx) => wantOfWorker(tx, worker.id, wanted));
  return { ...worker, state: worker.state === 'lost' ? 'lost' : wanted };
}
