import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDecisions } from '#adapters/sql/index.ts';
import { HouseCallPolicy } from '#app/gateway/call-policy.ts';
import { person } from '#app/governance/principals.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { callPlugin } from '#app/plugin/call.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { submit } from '#app/tasks/submit.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { Worker } from '#app/worker.ts';
import type { Repository } from '#domain/repository.ts';
import type { DataClass, Tenant } from '#domain/tenant.ts';
import type { CallQuestion } from '#gateway/ports.ts';
import { millis } from '#kernel/clock.ts';
import { GREETING, repository, scratch } from '../e2e/maestro.ts';

// Where a tenant's data may be and what it may meet there, asked where each thing is really used: by workers that run, test,
// build and cache, by plugins, and by the gateway about each provider.

const ada = person('ada');
const folder = scratch();
const WORK = { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'welcome' } } as const;
let home: House & AsyncDisposable;
let secret: Tenant;
let repo: Repository;

async function at(region: string, dataClass: DataClass): Promise<House & AsyncDisposable> {
  process.env['MAESTRO_WORKER_REGION'] = region;
  process.env['MAESTRO_WORKER_DATA_CLASS'] = dataClass;
  return openHouse({ dataDir: join(folder.dir, 'data') });
}

beforeAll(async () => {
  home = await at('eu', 'restricted');
  const settings = { ...tenantDefaults(home, 'secret'), regions: ['eu'], dataClass: 'confidential' } as const;
  secret = await createTenant(home, settings, ada);
  const origin = await repository(join(folder.dir, 'greeting'), GREETING);
  ({ repo } = await addRepo(home, { tenant: secret, origin, name: 'greeting', by: ada }));
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  delete process.env['MAESTRO_WORKER_REGION'];
  delete process.env['MAESTRO_WORKER_DATA_CLASS'];
});

const ELSEWHERE = [
  ['in another region', 'us', 'restricted', 'REGION_NOT_ALLOWED'],
  ['cleared for less', 'eu', 'internal', 'DATA_CLASS_TOO_HIGH'],
] as const;

describe.each(ELSEWHERE)('a place %s', (_, region, dataClass, code) => {
  it('runs, builds, tests and caches nothing of the tenant: its worker is refused before anything begins', async () => {
    const task = await submit(home, { tenant: secret, repo, work: WORK, priority: 'lo', key: code, by: ada });
    expect(task.state).toBe('queued');
    await using there = await at(region, dataClass);
    const done = new AbortController();
    const working = new Worker(there, 1).run(done.signal);
    await untilAtRest(there.clock, () => allTasks(there), AbortSignal.timeout(60_000));
    done.abort();
    await working;

    const [ended] = (await allTasks(there)).filter(({ id }) => id === task.id);
    expect([ended?.state, ended?.reasons.map((reason) => reason.code)]).toEqual(['denied', [code]]);
    const made = (await listDecisions(there.store.truth, secret.id, task.id)).map(({ action, allow }) => [
      action.name,
      allow,
    ]);
    expect(made).toEqual([
      ['task.submit', true],
      ['run.start', false],
    ]);
    expect(await there.store.truth.all('select digest from action_result')).toEqual([]);
  });

  it('takes no task of it', async () => {
    await using there = await at(region, dataClass);
    const task = await submit(there, {
      tenant: secret,
      repo,
      work: WORK,
      priority: 'lo',
      key: `${code} there`,
      by: ada,
    });

    expect([task.state, task.reasons.map((reason) => reason.code)]).toEqual(['denied', [code]]);
  });

  it('loads no plugin for it', async () => {
    await using there = await at(region, dataClass);
    const request = { id: 'plugin.json-schema-check', input: {}, workspace: null };
    const result = await callPlugin(there, { tenant: secret, principal: ada }, request, AbortSignal.timeout(60_000));

    expect(result.ok ? [] : result.reasons.map((reason) => reason.code)).toEqual([code]);
  });

  it('answers no model call of it', async () => {
    const key = { id: 'key_1', tenant: secret.id, principal: ada.id, grants: ada.grants, models: [], scopes: [] };
    const whole = { ...key, priority: 'lo', createdAt: millis(0), expiresAt: millis(1) } as const;
    const provider = { name: 'far', region, dataClass } as CallQuestion['provider'];
    const answer = await new HouseCallPolicy(home).ask({ key: whole, asked: 'm', provider, model: 'm' });

    expect(answer.allow ? [] : answer.reasons.map((reason) => reason.code)).toEqual([code]);
  });
});
