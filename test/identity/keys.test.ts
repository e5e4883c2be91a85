import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOfKey } from '#app/access/caller.ts';
import { createKey, keysIn, revokeKey, rotateKey } from '#app/access/keys.ts';
import { platform } from '#app/access/platform.ts';
import { disable, giveRoles } from '#app/access/roles.ts';
import { type House, openHouse } from '#app/open.ts';
import { Refusal } from '#app/perform.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { eventsAfter } from '#app/views/lists.ts';
import type { Principal } from '#domain/action.ts';
import type { Tenant } from '#domain/tenant.ts';

const dir = mkdtempSync(join(tmpdir(), 'maestro-keys-'));
const root = person('root');
let house: House & AsyncDisposable;
let acme: Tenant;
let umbra: Tenant;

beforeAll(async () => {
  house = await openHouse({ dataDir: dir });
  acme = await createTenant(house, tenantDefaults(house, 'acme'), root);
  umbra = await createTenant(house, tenantDefaults(house, 'umbra'), root);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function principalOf(text: string): Promise<Principal> {
  const caller = await callerOfKey(house, text);
  if (caller === undefined) throw new Error('the key gives nobody');
  return caller.principal;
}

const codes = async (doing: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await doing.catch((cause: unknown) => cause);
  return error instanceof Refusal ? error.reasons.map(({ code }) => code) : [];
};

test('a key acts as its principal, with the smaller of both powers, and its text is kept nowhere', async () => {
  await giveRoles(house, acme, { id: 'service:ci', roles: ['operator', 'approver'], by: root });
  const { key, text } = await createKey(house, acme, { for: 'service:ci', roles: ['operator'], by: root });

  expect(await principalOf(text)).toEqual({
    id: 'service:ci',
    kind: 'service',
    grants: [{ role: 'operator', tenant: 'acme' }],
  });
  expect(JSON.stringify(await keysIn(house, acme, root))).not.toContain(text.slice(-43));
  expect((await keysIn(house, acme, root)).find(({ id }) => id === key.id)?.lastUsedAt).not.toBeNull();
  expect(await callerOfKey(house, `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();

  await giveRoles(house, acme, { id: 'service:ci', roles: ['viewer'], by: root });
  expect((await principalOf(text)).grants).toEqual([{ role: 'viewer', tenant: 'acme' }]);
});

test('a key ends when it is revoked, rotated, past its time, or its principal is shut out', async () => {
  await giveRoles(house, acme, { id: 'service:end', roles: ['operator'], by: root });
  const make = (lastsMs?: number) =>
    createKey(house, acme, {
      for: 'service:end',
      roles: ['operator'],
      by: root,
      ...(lastsMs === undefined ? {} : { lastsMs }),
    });
  const [revoked, rotated, late, shut] = [await make(), await make(), await make(0), await make()];

  await revokeKey(house, acme, revoked.key.id, root);
  const fresh = await rotateKey(house, acme, { id: rotated.key.id, overlapMs: 0, by: root });
  const overlapping = await rotateKey(house, acme, { id: fresh.key.id, overlapMs: 60_000, by: root });

  for (const { text } of [revoked, rotated, late]) expect(await callerOfKey(house, text)).toBeUndefined();
  for (const { text } of [fresh, overlapping, shut]) expect(await callerOfKey(house, text)).toBeDefined();
  await expect(rotateKey(house, acme, { id: revoked.key.id, overlapMs: 0, by: root })).rejects.toMatchObject({
    code: 'API_KEY_ENDED',
  });
  await disable(house, { id: 'service:end', disabled: true, by: root });
  expect(await callerOfKey(house, shut.text)).toBeUndefined();
  await disable(house, { id: 'service:end', disabled: false, by: root });
  expect(await callerOfKey(house, shut.text)).toBeDefined();
});

test('a key that the platform rotates or revokes stays a key of its tenant', async () => {
  for (const tenant of [acme, umbra])
    await giveRoles(house, tenant, { id: 'service:two', roles: ['operator'], by: root });
  const old = await createKey(house, acme, { for: 'service:two', roles: ['operator'], by: root });

  const { key, text } = await rotateKey(house, platform(house), { id: old.key.id, overlapMs: 0, by: root });

  expect(key.tenant).toBe('acme');
  expect((await principalOf(text)).grants).toEqual([{ role: 'operator', tenant: 'acme' }]);
  expect((await keysIn(house, acme, root)).map(({ id }) => id)).toContain(key.id);
  await revokeKey(house, platform(house), key.id, root);
  const told = await eventsAfter(house, acme, { after: 0, limit: 1000 });
  expect(told.filter(({ type, data }) => type === 'key.revoked' && data['key'] === key.id)).toHaveLength(1);
});

test('nobody gives more than they hold, nor acts as another person, nor reaches another tenant', async () => {
  await giveRoles(house, acme, { id: 'human:adm', roles: ['tenant-admin'], by: root });
  await giveRoles(house, acme, { id: 'human:bob', roles: ['operator'], by: root });
  const key = (id: string, roles: Parameters<typeof createKey>[2]['roles']) =>
    createKey(house, acme, { for: id, roles, by: root });
  const admin = await principalOf((await key('human:adm', ['tenant-admin'])).text);
  const bob = await principalOf((await key('human:bob', ['operator'])).text);
  const weak = await principalOf((await key('human:adm', ['viewer'])).text);

  expect(await codes(createKey(house, acme, { for: 'human:bob', roles: ['viewer'], by: admin }))).toEqual([
    'KEY_NOT_OWN',
  ]);
  expect(await codes(createKey(house, acme, { roles: ['tenant-admin'], by: weak }))).toEqual(['ROLE_TOO_WIDE']);
  expect(await codes(createKey(house, acme, { roles: ['approver'], by: bob }))).toEqual(['ROLE_TOO_WIDE']);
  expect(await codes(createKey(house, umbra, { roles: ['viewer'], by: admin }))).toContain('ROLE_MISSING');
  expect(await codes(giveRoles(house, umbra, { id: 'human:adm', roles: ['viewer'], by: admin }))).toContain(
    'ROLE_MISSING',
  );
  expect(
    await codes(giveRoles(house, platform(house), { id: 'human:adm', roles: ['platform-admin'], by: admin })),
  ).toEqual(['ROLE_MISSING', 'ROLE_TOO_WIDE']);
  expect((await createKey(house, acme, { roles: ['operator'], by: bob })).key.principal).toBe('human:bob');
});

test('an agent never has more than the person it acts for, and nothing once that one is shut out', async () => {
  await giveRoles(house, acme, { id: 'human:eve', roles: ['operator'], by: root });
  const eve: Principal = { id: 'human:eve' as Principal['id'], kind: 'human', grants: [] };
  await giveRoles(house, acme, {
    id: 'agent:eve/helper',
    roles: ['viewer'],
    by: { ...eve, grants: [{ role: 'tenant-admin', tenant: acme.id }] },
  });
  await giveRoles(house, acme, { id: 'agent:eve/helper', roles: ['tenant-admin'], by: root });
  const { text } = await createKey(house, acme, { for: 'agent:eve/helper', roles: ['tenant-admin'], by: root });

  expect(await principalOf(text)).toEqual({
    id: 'agent:eve/helper',
    kind: 'agent',
    delegatedBy: 'human:eve',
    grants: [{ role: 'operator', tenant: 'acme' }],
  });
  await disable(house, { id: 'human:eve', disabled: true, by: root });
  expect((await principalOf(text)).grants).toEqual([]);
});
