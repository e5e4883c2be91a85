import { describe, expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { ACTIONS } from '#domain/action.ts';
import { EVERYWHERE, type Grant, ROLES } from '#domain/grant.ts';
import type { TenantId } from '#domain/ids.ts';
import { mayIn } from '#domain/role.ts';
import { cutDown, keyGrants } from './effective.ts';

const acme = 'acme' as TenantId;
const umbra = 'umbra' as TenantId;

describe('what a key gives', () => {
  it('is what it was made for while its principal holds that', () => {
    const admin: Grant[] = [{ role: 'platform-admin', tenant: EVERYWHERE }];

    expect(keyGrants(admin, { tenant: acme, roles: ['viewer'] })).toEqual([{ role: 'viewer', tenant: acme }]);
  });

  it('shrinks with its principal', () => {
    expect(keyGrants([{ role: 'viewer', tenant: acme }], { tenant: acme, roles: ['tenant-admin'] })).toEqual([
      { role: 'viewer', tenant: acme },
    ]);
    expect(keyGrants([], { tenant: acme, roles: ['viewer'] })).toEqual([]);
    expect(keyGrants([{ role: 'viewer', tenant: umbra }], { tenant: acme, roles: ['viewer'] })).toEqual([]);
  });

  it('is never more than either side, for any grants and bounds', () => {
    const random = seededRandom(7);
    const places: readonly Grant['tenant'][] = [acme, umbra, EVERYWHERE];
    const some = (): Grant[] =>
      Array.from({ length: random.integer(4) }, () => ({
        role: ROLES[random.integer(ROLES.length)] ?? 'viewer',
        tenant: places[random.integer(3)] ?? acme,
      }));

    for (let i = 0; i < 300; i++) {
      const [grants, bound] = [some(), some()];
      const both = cutDown(grants, bound);
      for (const tenant of places) {
        const over = ACTIONS.filter(
          (action) => mayIn(both, tenant, action) && !(mayIn(grants, tenant, action) && mayIn(bound, tenant, action)),
        );
        expect(over).toEqual([]);
      }
    }
  });
});
