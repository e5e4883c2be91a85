import { expect, test } from 'vitest';
import type { GitOid, RepoId, TenantId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';
import { usd } from '#kernel/money.ts';
import { fieldsOf } from './differences.ts';
import type { WantedTenant } from './file.ts';
import { type LiveTenant, planFleet } from './plan.ts';

const atlas: Tenant = {
  id: 'atlas' as TenantId,
  ordinal: 1,
  weight: 2,
  budgetNano: usd(25),
  budgetPeriod: 'week',
  slo: 0.99,
  startWithinMs: millis(20_000),
  regions: ['eu'],
  dataClass: 'internal',
  policy: { recipes: ['codemod'] },
};

const shop: Repository = {
  id: 'atlas/shop' as RepoId,
  tenant: atlas.id,
  name: 'shop',
  defaultBranch: 'main',
  head: 'a'.repeat(40) as GitOid,
  origin: '/srv/shop',
};

const wanted = (more: Partial<Tenant> = {}, repositories: WantedTenant['repositories'] = []): WantedTenant => {
  const { ordinal: _, ...settings } = { ...atlas, ...more };
  return { settings, repositories };
};
const live = (more: Partial<LiveTenant> = {}): LiveTenant => ({ tenant: atlas, repositories: [], ...more });

test('there is nothing to do where the system is as the file says', () => {
  const plan = planFleet([wanted({}, [{ name: 'shop', origin: '/srv/shop' }])], [live({ repositories: [shop] })]);

  expect(plan).toEqual({ steps: [], drift: [], unmanaged: [], conflicts: [] });
});

test('a tenant that is missing is made, then its repositories are added', () => {
  const plan = planFleet([wanted({}, [{ name: 'shop', origin: '/srv/shop' }])], []);

  expect(plan.steps.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
    'create tenant atlas',
    'add repository atlas/shop',
  ]);
});

test('changed fields are named with both values, those of its rules too, and what the file leaves out is unset', () => {
  const { steps } = planFleet([wanted({ weight: 3, policy: { autonomy: 'propose' } })], [live()]);

  expect(steps).toMatchObject([
    {
      kind: 'change tenant',
      changes: [
        { field: 'policy.autonomy', from: null, to: 'propose' },
        { field: 'policy.recipes', from: ['codemod'], to: null },
        { field: 'weight', from: 2, to: 3 },
      ],
    },
  ]);
});

test('what was changed by hand since the last apply is drift', () => {
  const applied = fieldsOf({ ...atlas, weight: 1 });

  expect(planFleet([wanted()], [live({ applied })]).drift).toEqual([
    { tenant: 'atlas', field: 'weight', from: 1, to: 2 },
  ]);
});

test('what the file does not name is told and left alone', () => {
  const other = { ...atlas, id: 'borea' as TenantId };

  const plan = planFleet([wanted()], [live({ repositories: [shop] }), live({ tenant: other })]);

  expect(plan).toMatchObject({ steps: [], unmanaged: ['atlas/shop', 'borea'] });
});

test('a repository that comes from elsewhere is a conflict, not a step', () => {
  const plan = planFleet([wanted({}, [{ name: 'shop', origin: '/srv/other' }])], [live({ repositories: [shop] })]);

  expect(plan.steps).toEqual([]);
  expect(plan.conflicts).toHaveLength(1);
});
