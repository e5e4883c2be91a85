import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOnce } from '#app/access/answer-once.ts';
import { type House, openHouse } from '#app/open.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, getTenant, tenantDefaults, topUp } from '#app/tenants/tenants.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';

const dir = mkdtempSync(join(tmpdir(), 'maestro-once-'));
const root = person('root');
let house: House & AsyncDisposable;
let acme: Tenant;

beforeAll(async () => {
  house = await openHouse({ dataDir: dir });
  acme = await createTenant(house, { ...tenantDefaults(house, 'acme'), budgetNano: usd(10) }, root);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** A top-up of one dollar under a key; what comes after it fails when `fails` is given. */
function raise(key: string, fails?: Error): ReturnType<typeof answerOnce> {
  return answerOnce(house, { principal: root.id, tenant: acme.id, key }, 'top-up', async () => {
    await topUp(house, acme, usd(1), root);
    if (fails !== undefined) throw fails;
    return { status: 200, body: '{}', keep: true };
  });
}

const capOf = async (): Promise<number> => (await getTenant(house, 'acme')).budgetNano;

test('what failed after its effect is not done again', async () => {
  const before = await capOf();

  await expect(raise('lost', new Error('the connection broke before the commit was acknowledged'))).rejects.toThrow();

  expect(await raise('lost')).toBe('unknown');
  expect((await capOf()) - before).toBe(usd(1));
});

test('what was done and whose answer could not be kept is answered, and not done again', async () => {
  const before = await capOf();
  await house.store.truth.run(
    "create trigger full before update on idempotent_answer begin select raise(abort, 'disk full'); end",
  );

  expect(await raise('unkept')).toEqual({ answer: { status: 200, body: '{}' }, replayed: false });
  await house.store.truth.run('drop trigger full');

  expect(await raise('unkept')).toBe('unknown');
  expect((await capOf()) - before).toBe(usd(1));
});
