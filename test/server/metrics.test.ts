import { afterAll, beforeAll, expect, test } from 'vitest';
import { addStarts } from '#adapters/sql/index.ts';
import { createKey } from '#app/access/keys.ts';
import { platform } from '#app/access/platform.ts';
import { giveRoles } from '#app/access/roles.ts';
import { changeTenant } from '#app/tenants/tenants.ts';
import { usd } from '#kernel/money.ts';
import { openPlace, type Place, ROOT } from '../api/place.ts';

let place: Place;
/** A key for Prometheus: it looks at every tenant and may do nothing. */
let watcher: string;

beforeAll(async () => {
  place = await openPlace();
  const { house, acme } = place;
  await giveRoles(house, platform(house), { id: 'service:prometheus', roles: ['viewer'], by: ROOT });
  const made = await createKey(house, platform(house), { for: 'service:prometheus', roles: ['viewer'], by: ROOT });
  watcher = made.text;
  await changeTenant(house, 'acme', (acme) => ({ ...acme, budgetNano: usd(7) }), ROOT);
  const spend = { key: 'call/1', scopes: ['org', 'tenant:acme'], boundNano: usd(1.25), priority: 'hi' } as const;
  await house.store.truth.tx(async (tx) => {
    await house.ledger.reserve(tx, spend);
    await house.ledger.settle(tx, spend.key, spend.boundNano);
    const objective = { tenant: acme.tenant.id, class: 'lo' } as const;
    await addStarts(tx, objective, house.clock.now(), { good: 90, bad: 10 });
  });
});
afterAll(() => place[Symbol.asyncDispose]());

const get = (key: string): Promise<Response> =>
  fetch(`${place.url}/metrics`, { headers: key === '' ? {} : { authorization: `Bearer ${key}` } });

/** Every sample by its name and labels. */
async function samples(key: string): Promise<ReadonlyMap<string, number>> {
  const answer = await get(key);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const found = new Map<string, number>();
  for (const line of (await answer.text()).trim().split('\n')) {
    if (line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue;
    const [, sample = '', value] = /^(maestro_[a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    expect(sample, line).not.toBe('');
    expect(found.has(sample), line).toBe(false);
    found.set(sample, value === '+Inf' ? Infinity : Number(value));
  }
  return found;
}

test('nobody without a key reads metrics, and a wrong key is told so', async () => {
  for (const key of ['', 'maestro_wrong']) {
    const answer = await get(key);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});

test('who may look at every tenant reads pools, queues, budgets and objectives as they are', async () => {
  const found = await samples(watcher);

  expect(Object.fromEntries(found)).toMatchObject({
    'maestro_pool_backlog{pool=""}': 2,
    'maestro_pool_slots{pool=""}': 0,
    'maestro_pool_load{pool=""}': Infinity,
    'maestro_tenant_waiting{tenant="acme"}': 1,
    'maestro_tenant_waiting{tenant="umbra"}': 1,
    'maestro_tenant_running{tenant="acme"}': 0,
    'maestro_budget_cap_usd{scope="tenant:acme"}': 7,
    'maestro_budget_spent_usd{scope="tenant:acme"}': 1.25,
    'maestro_budget_spent_usd{scope="org"}': 1.25,
    'maestro_slo_target{tenant="acme",class="lo"}': 0.99,
    'maestro_slo_budget_left{tenant="acme",class="lo"}': 0,
    'maestro_slo_budget_left{tenant="umbra",class="hi"}': 1,
  });
  expect(found.get('maestro_budget_held_usd{scope="tenant:acme"}')).toBeGreaterThan(0);
  expect(found.get('maestro_slo_burn_rate{tenant="acme",class="lo",rule="burn-1h",window="long"}')).toBeCloseTo(10);
  // The company has no cap: no sample, not zero.
  expect(found.has('maestro_budget_cap_usd{scope="org"}')).toBe(false);
});

test('others read what is of their tenants, and nothing of the rest', async () => {
  const found = [...(await samples(place.acme.keys.viewer)).keys()];

  expect(found).toContain('maestro_tenant_waiting{tenant="acme"}');
  expect(found).toContain('maestro_budget_cap_usd{scope="tenant:acme"}');
  expect(found.filter((sample) => /umbra|pool|scope="org"/.test(sample))).toEqual([]);
});
