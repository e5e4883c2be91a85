import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTenant, openStore, recordDecision, type Store, updateTenant } from '#adapters/sql/index.ts';
import { buildBundle } from '#adapters/opa-wasm/index.ts';
import { bundled, SHIPPED_POLICIES } from '#app/governance/policy-engine.ts';
import { rehearse } from '#app/governance/rehearse.ts';
import type { ActionName } from '#domain/action.ts';
import type { DecisionId, PrincipalId, TenantId } from '#domain/ids.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { builtinPolicy } from '#policy/index.ts';
import { opaBinary } from '../engines/opa.ts';

const binary = await opaBinary();
const DAY = 86_400_000;
const EVERYTHING = [
  { role: 'platform-admin', tenant: EVERYWHERE },
  { role: 'conductor', tenant: EVERYWHERE },
] as const;
const acme = 'acme' as TenantId;
let dir: string;
let store: Store;
let tenant: Tenant;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-rehearse-'));
  store = await openStore({ engine: 'sqlite', path: join(dir, 'maestro.db') });
  const settings = {
    id: acme,
    weight: 1,
    budgetNano: usd(1),
    budgetPeriod: 'week',
    slo: 0.99,
    startWithinMs: millis(20_000),
    regions: ['eu'],
    dataClass: 'internal',
    policy: {},
  } as const;
  tenant = (await store.truth.tx((tx) => addTenant(tx, settings))) as Tenant;
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Decides as the system does, and puts it on record. */
async function record(id: string, day: number, name: ActionName, attributes = {}): Promise<void> {
  const action = {
    name,
    principal: { id: 'human:ada' as PrincipalId, kind: 'human', grants: EVERYTHING },
    resource: { kind: 'task', id, tenant: acme, attributes },
  } as const;
  const decided = await builtinPolicy.decide({ action, tenant });
  const decision = { ...decided, id: id as DecisionId, action, at: millis(day * DAY) };
  await store.truth.tx((tx) => recordDecision(tx, decision));
}

describe('a rehearsal', () => {
  it('finds nothing where nothing has changed', async () => {
    await record('d1', 9, 'task.submit');

    expect(await rehearse({ store, today: builtinPolicy }, { since: millis(3 * DAY) })).toEqual({
      since: 3 * DAY,
      decisions: 1,
      changed: 0,
      counts: {},
      drifted: 0,
      withoutRoles: 0,
      differences: [],
    });
  });

  it('takes decisions from before there were roles as they were made, and says how many', async () => {
    await record('d1', 9, 'tenant.create');
    await record('d2', 9, 'task.submit');
    for (const id of ['d1', 'd2']) {
      const [row] = await store.truth.all<{ action: string }>('select action from policy_decision where id = $1', id);
      const action = JSON.parse(row?.action ?? '') as { principal: { grants?: unknown } };
      delete action.principal.grants;
      const text = JSON.stringify(action);
      await store.truth.run('update policy_decision set action = $2 where id = $1', id, text);
    }

    expect(await rehearse({ store, today: builtinPolicy }, { since: millis(0) })).toMatchObject({
      decisions: 2,
      changed: 0,
      withoutRoles: 2,
    });
  });

  it("counts what a tenant's new settings would have done, from the given time on, over many pages", async () => {
    await record('early', 1, 'task.submit', { recipe: 'codemod' });
    for (let i = 0; i < 1100; i++)
      await record(`d${i}`, 4, 'task.submit', { recipe: i < 3 ? 'codemod' : 'rename-api' });
    await record('land', 5, 'change.land', { paths: [] });
    const policy = { recipes: ['rename-api'], autonomy: 'propose' } as const;
    await store.truth.tx((tx) => updateTenant(tx, { ...tenant, policy }));

    const rehearsal = await rehearse({ store, today: builtinPolicy }, { since: millis(3 * DAY) });

    expect(rehearsal).toMatchObject({ decisions: 1101, changed: 4, drifted: 4 });
    expect(rehearsal.counts).toEqual({ 'allowed > denied': 3, 'allowed > person': 1 });
    expect(rehearsal.differences.at(-1)).toEqual({
      decision: 'land',
      at: 5 * DAY,
      tenant: acme,
      action: 'change.land',
      resource: 'task:land',
      before: 'allowed',
      after: 'person',
      codes: { before: [], after: ['AUTONOMY_PROPOSE'] },
    });
  });

  it.skipIf(binary === undefined)('tells what a new bundle does apart from what has changed by itself', async () => {
    await record('d1', 4, 'task.submit', { recipe: 'codemod' });
    await record('d2', 4, 'repo.add');
    await store.truth.tx((tx) => updateTenant(tx, { ...tenant, policy: { recipes: [] } }));
    await record('d3', 5, 'task.submit');
    cpSync(join(import.meta.dirname, 'fixtures', 'freeze.rego'), join(dir, 'own', 'freeze.rego'));
    const rules = join(SHIPPED_POLICIES, 'maestro');
    await buildBundle({ opa: binary ?? '', rules, own: join(dir, 'own'), out: join(dir, 'out') });

    const { engine } = await bundled(join(dir, 'out'), 'candidate');
    const rehearsal = await rehearse({ store, today: builtinPolicy }, { since: millis(0), candidate: engine });

    expect(rehearsal.counts).toEqual({ 'denied, other reasons': 2 });
    expect(rehearsal).toMatchObject({ decisions: 3, drifted: 2 });
    expect(rehearsal.differences.map(({ codes }) => codes.after)).toEqual([
      ['RECIPE_NOT_ALLOWED', 'FREEZE'],
      ['FACT_MISSING', 'FREEZE'],
    ]);
  });
});
