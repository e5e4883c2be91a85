import { setTimeout as pause } from 'node:timers/promises';
import { jain } from '#qos/index.ts';
import type { TestRedis } from '../../test/engines/redis.ts';
import { BenchPlace, type Kind } from './place.ts';

const SLOTS = 20;
const SECONDS = 4;
const PARTIES = [
  { tenant: 't0', w: 1, ms: 5 },
  { tenant: 't1', w: 1, ms: 50 },
  { tenant: 't2', w: 2, ms: 5 },
  { tenant: 't3', w: 2, ms: 50 },
];

/**
 * Jain's index of service / weight of four tenants with waiting jobs, ten times apart in length, on a stock worker with
 * 20 slots for four seconds. Service is what BullMQ itself says: from a job's processedOn to its finishedOn.
 */
export async function fairnessOnRedis(redis: TestRedis, kind: Kind): Promise<number> {
  const place = new BenchPlace(redis, kind);
  await place.fill(16_000, PARTIES.length);
  for (const { tenant, w } of PARTIES) await place.setWeight(tenant, w);
  const service = new Map<string, number>();
  const began = Date.now();
  const until = began + SECONDS * 1000;
  const length = (tenant: string): number => PARTIES.find((party) => party.tenant === tenant)?.ms ?? 0;
  const worker = place.worker((job) => pause(length(job.data.tenant)), SLOTS);
  worker.on('completed', ({ data, processedOn = until, finishedOn = until }) => {
    const ran = Math.min(finishedOn, until) - processedOn;
    if (ran > 0) service.set(data.tenant, (service.get(data.tenant) ?? 0) + ran);
  });
  await pause(until + 200 - Date.now());
  await place.close();
  return jain(PARTIES.map(({ tenant, w }) => (service.get(tenant) ?? 0) / w));
}
