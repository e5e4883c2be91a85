import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { openHouse } from '#app/open.ts';
import { pools } from '#app/qos/pools.ts';
import { person } from '#app/governance/principals.ts';
import { reconcileQueue } from '#app/upkeep/reconcile.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { submit } from '#app/tasks/submit.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { join } from 'node:path';
import { GREETING, repository, scratch } from '../e2e/maestro.ts';
import { startRedis } from '../engines/redis.ts';

const BY = person('ada');
const redis = await startRedis();
afterAll(() => redis?.stop());

test('a Redis that lost everything is made anew from the store, once', async (context) => {
  if (!redis) return context.skip('no engine');
  using folder = scratch();
  process.env['MAESTRO_ENGINE_QUEUE'] = 'bullmq';
  process.env['MAESTRO_ENGINE_REDIS_URL'] = `redis://${redis.host}:${redis.port}`;
  await using house = await openHouse({ dataDir: join(folder.dir, 'data') });
  const tenant = await createTenant(house, { ...tenantDefaults(house, 'one'), weight: 3 }, BY);
  const origin = await repository(join(folder.dir, 'origin'), GREETING);
  const { repo } = await addRepo(house, { tenant, origin, name: 'greeting', by: BY });
  const work = { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'welcome' } } as const;
  for (let n = 0; n < 5; n++) {
    await submit(house, { tenant, repo, work, priority: 'lo', key: `k${n}`, needs: n < 2 ? ['gpu=true'] : [], by: BY });
  }
  const before = await pools(house);
  const running = await house.queue.claim({ owner: 'w', leaseMs: 60_000 });

  const client = new Redis(redis.port, redis.host);
  await client.flushall();
  await client.quit();
  await reconcileQueue(house);
  await reconcileQueue(house);

  expect(before.map(({ pool, backlog, load }) => [pool, backlog, load])).toEqual([
    ['', 3, null],
    ['gpu=true', 2, null],
  ]);
  // The claim is gone with the Redis; whoever holds it is refused, and its task waits again.
  expect(running && (await house.queue.renew(running, 60_000))).toBe(false);
  expect((await pools(house)).map(({ pool, backlog }) => [pool, backlog])).toEqual([
    ['', 3],
    ['gpu=true', 2],
  ]);
  expect(await house.queue.counts()).toEqual([{ tenant: 'one', waiting: 5, running: 0 }]);
});
