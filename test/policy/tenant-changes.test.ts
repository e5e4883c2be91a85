import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHouse, type House } from '#app/open.ts';
import { Refusal } from '#app/perform.ts';
import { person } from '#app/governance/principals.ts';
import { changeTenant, createTenant, getTenant, tenantDefaults, topUp } from '#app/tenants/tenants.ts';
import type { ActionName, Principal } from '#domain/action.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';

const ada = person('ada');

let dir: string;
let house: House & AsyncDisposable;
let atlas: Tenant;
let admin: Principal;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-tenants-'));
  house = await openHouse({ dataDir: dir });
  atlas = await createTenant(house, { ...tenantDefaults(house, 'atlas'), budgetNano: usd(10), regions: ['eu'] }, ada);
  admin = { ...person('adm'), grants: [{ role: 'tenant-admin', tenant: atlas.id }] };
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** The same house, in which something happens whenever policy is asked about an action. */
function meanwhile(action: ActionName, happens: () => Promise<unknown>): House {
  const { policy } = house;
  return {
    ...house,
    policy: {
      name: policy.name,
      decide: async (input, signal) => {
        const decided = await policy.decide(input, signal);
        if (input.action.name === action) await happens();
        return decided;
      },
    },
  };
}

test('two top-ups at the same time both count', async () => {
  await Promise.all([1, 2].map((dollars) => topUp(house, atlas, usd(dollars), ada)));

  expect((await getTenant(house, 'atlas')).budgetNano).toBe(usd(13));
});

test('a top-up undoes nothing that was changed while it was decided', async () => {
  const tightened = { deniedPaths: ['infra/**'] };
  const slow = meanwhile('budget.topup', () =>
    changeTenant(house, 'atlas', (stands) => ({ ...stands, policy: tightened }), ada),
  );

  await topUp(slow, atlas, usd(1), ada);

  expect(await getTenant(house, 'atlas')).toMatchObject({ policy: tightened, budgetNano: usd(11) });
});

test('rules that a tenant changes leave what the platform gave meanwhile', async () => {
  let once = false;
  const slow = meanwhile('tenant.rules', async () => {
    if (!once) await changeTenant(house, 'atlas', (stands) => ({ ...stands, regions: ['us'] }), ada);
    once = true;
  });

  await changeTenant(slow, 'atlas', (stands) => ({ ...stands, policy: { autonomy: 'propose' } }), admin);

  expect(await getTenant(house, 'atlas')).toMatchObject({ regions: ['us'], policy: { autonomy: 'propose' } });
});

test('what was only rules is decided anew when it is more by now', async () => {
  let once = false;
  const slow = meanwhile('tenant.rules', async () => {
    if (!once) await changeTenant(house, 'atlas', (stands) => ({ ...stands, regions: ['us'] }), ada);
    once = true;
  });

  const old = changeTenant(slow, 'atlas', (stands) => ({ ...stands, regions: ['eu'] }), admin);

  await expect(old).rejects.toBeInstanceOf(Refusal);
  expect((await getTenant(house, 'atlas')).regions).toEqual(['us']);
});

test('a tenant that others keep changing is told of, not overwritten', async () => {
  let weight = 1;
  const busy = meanwhile('tenant.update', () =>
    changeTenant(house, 'atlas', (stands) => ({ ...stands, weight: ++weight }), ada),
  );

  const change = changeTenant(busy, 'atlas', (stands) => ({ ...stands, slo: 0.5 }), ada);

  await expect(change).rejects.toMatchObject({ code: 'TENANT_CHANGED', cure: expect.stringContaining('show atlas') });
  expect(await getTenant(house, 'atlas')).toMatchObject({ weight: 4, slo: atlas.slo });
});
