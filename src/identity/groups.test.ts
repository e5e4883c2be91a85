import { expect, it } from 'vitest';
import { grantsOfGroups, groupMap } from './groups.ts';

it('gives the roles of mapped groups, and none for others', () => {
  const map = groupMap(['platform=platform-admin', 'team-a=operator@acme', 'team-a=approver@acme']);

  expect(grantsOfGroups(map, ['team-a', 'strangers'])).toEqual([
    { role: 'operator', tenant: 'acme' },
    { role: 'approver', tenant: 'acme' },
  ]);
  expect(grantsOfGroups(map, ['platform'])).toEqual([{ role: 'platform-admin', tenant: '*' }]);
});

it.each(['x', 'x=', 'x=root', 'x=conductor', 'x=operator@A B', '=viewer', 'x=platform-admin@acme'])(
  'refuses %s',
  (row) => {
    expect(() => groupMap([row])).toThrow(expect.objectContaining({ code: 'GROUPS_INVALID' }));
  },
);
