import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDecisions, readEvents } from '#adapters/sql/index.ts';
import { openHouse, type House } from '#app/open.ts';
import {
  allOverrides,
  approveOverride,
  type OverrideAsk,
  requestOverride,
  revokeOverride,
} from '#app/governance/overrides.ts';
import { perform, Refusal } from '#app/perform.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import type { Principal } from '#domain/action.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { Tenant } from '#domain/tenant.ts';
import { millis } from '#kernel/clock.ts';

const ada = person('ada');
const ben = person('ben');
const bot: Principal = { ...ada, id: 'agent:native' as PrincipalId, kind: 'agent', delegatedBy: person('cyd').id };
const run: Principal = { ...bot, grants: [{ role: 'conductor', tenant: 'atlas' as TenantId }] };
const HOUR = 3_600_000;

let dir: string;
let house: House & AsyncDisposable;
let tenant: Tenant;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'maestro-override-'));
  house = await openHouse({ dataDir: dir });
  const policy = { deniedPaths: ['docs/**', 'legal/**'] };
  tenant = await createTenant(house, { ...tenantDefaults(house, 'atlas'), policy }, ada);
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

/** Pushes as a run does; `done` when policy let it. */
async function push(paths: readonly string[], more: { repo?: string; in?: House } = {}): Promise<string> {
  const { repo = 'atlas/shop' } = more;
  const resource = { kind: 'branch', id: 'b', attributes: { repo, paths } };
  try {
    return await perform(
      more.in ?? house,
      { name: 'change.push', principal: run, tenant, resource },
      async () => 'done',
    );
  } catch (error) {
    if (error instanceof Refusal) return error.reasons.map(({ code }) => code).join();
    throw error;
  }
}

const ask = (more: Partial<OverrideAsk> = {}): Promise<{ id: string }> & ReturnType<typeof requestOverride> =>
  requestOverride(
    house,
    {
      tenant,
      action: 'change.push',
      codes: ['PATH_DENIED'],
      reason: 'urgent',
      forMs: HOUR,
      maxUses: 1,
      ...more,
    },
    ada,
  );

const approved = async (more: Partial<OverrideAsk> = {}) => approveOverride(house, await ask(more), ben);

/** The same system, so much later. */
const later = (ms: number): House => ({
  ...house,
  clock: { ...house.clock, now: () => millis(house.clock.now() + ms) },
});

const eventsOf = async () => (await readEvents(house.store.truth, tenant.id, { limit: 1000 })).map(({ type }) => type);

describe('an override', () => {
  it('lifts nothing before another person has approved it', async () => {
    await ask();

    expect(await push(['docs/a.md'])).toBe('PATH_DENIED');
  });

  it('lifts what it names once it is approved, as often as it says, and each use is on record', async () => {
    await approved({ maxUses: 2 });

    const ends = [await push(['docs/a.md']), await push(['docs/b.md']), await push(['docs/c.md'])];

    expect(ends).toEqual(['done', 'done', 'PATH_DENIED']);
    expect((await allOverrides(house))[0]).toMatchObject({ uses: 2, requestedBy: ada.id, approvedBy: ben.id });
    expect((await eventsOf()).filter((type) => type === 'override.used')).toHaveLength(2);
  });

  it('is used once where many ask at the same moment, and each of the others is a refusal on record', async () => {
    await approved();

    const ends = await Promise.all(Array.from({ length: 8 }, () => push(['docs/a.md'])));

    expect(ends.filter((end) => end === 'done')).toHaveLength(1);
    const decisions = (await listDecisions(house.store.truth, tenant.id)).filter(
      ({ action }) => action.name === 'change.push',
    );
    expect(decisions.map(({ allow, override }) => allow === (override !== undefined))).toEqual(Array(8).fill(true));
    expect(decisions.filter(({ allow }) => !allow)).toHaveLength(7);
  });

  it.each([
    ['who asked for it', ada, 'APPROVER_IS_AUTHOR'],
    ['an agent', bot, 'APPROVER_NOT_HUMAN'],
  ])('is not approved by %s, and that is on record', async (_, principal, code) => {
    const override = await ask();

    const attempt = approveOverride(house, override, principal);

    await expect(attempt).rejects.toMatchObject({ reasons: [expect.objectContaining({ code })] });
    expect(await push(['docs/a.md'])).toBe('PATH_DENIED');
    expect((await eventsOf()).filter((type) => type === 'policy.decided').length).toBeGreaterThan(2);
  });

  it('that an agent asked for is not approved by the person on whose behalf it acts', async () => {
    const override = await requestOverride(
      house,
      { tenant, action: 'change.push', codes: ['PATH_DENIED'], reason: 'r', forMs: HOUR, maxUses: 1 },
      bot,
    );

    const attempt = approveOverride(house, override, person('cyd'));

    await expect(attempt).rejects.toMatchObject({ reasons: [expect.objectContaining({ code: 'APPROVER_IS_AUTHOR' })] });
  });

  it('ends at its time, and is not approved after it', async () => {
    await approved();
    const late = await ask();

    expect(await push(['docs/a.md'], { in: later(HOUR) })).toBe('PATH_DENIED');
    await expect(approveOverride(later(HOUR), late, ben)).rejects.toMatchObject({ code: 'OVERRIDE_STATE' });
  });

  it('ends when it is revoked', async () => {
    await revokeOverride(house, await approved(), ada);

    expect(await push(['docs/a.md'])).toBe('PATH_DENIED');
  });

  it('holds within its scope only', async () => {
    await approved({ paths: ['docs/**'], repo: 'atlas/shop' });

    expect(await push(['docs/a.md', 'legal/b.md'])).toBe('PATH_DENIED');
    expect(await push(['docs/a.md'], { repo: 'atlas/other' })).toBe('PATH_DENIED');
    expect(await push(['docs/a.md'])).toBe('done');
  });

  it('of one action or refusal lifts no other', async () => {
    await approved({ action: 'change.land' });
    await approved({ codes: ['AUTONOMY_OBSERVE'] });

    expect(await push(['docs/a.md'])).toBe('PATH_DENIED');
  });

  it.each([
    ['a refusal that always holds', { codes: ['APPROVER_IS_AUTHOR'] }],
    ['no refusal', { codes: [] }],
    ['no reason', { reason: ' ' }],
    ['an unknown action', { action: 'change.everything' }],
    ['more than the longest time', { forMs: 25 * HOUR }],
    ['no use', { maxUses: 0 }],
  ])('is not asked for with %s', async (_, more) => {
    await expect(ask(more)).rejects.toMatchObject({ code: 'OVERRIDE_INVALID' });
  });
});
