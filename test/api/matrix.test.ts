import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS, type ActionName } from '#domain/action.ts';
import { type Role, ROLES } from '#domain/grant.ts';
import { ROLE_ACTIONS } from '#domain/role.ts';
import { API_BASE, type Route, type RouteName, ROUTES } from '#api/index.ts';
import { openPlace, type Place, type Team } from './place.ts';
import { SAMPLES } from './requests.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace({ MAESTRO_HTTP_REQUESTS_PER_MINUTE: '1000000' });
});
afterAll(() => place[Symbol.asyncDispose]());

const NAMES = Object.keys(ROUTES) as RouteName[];
const routeOf = (name: RouteName): Route => ROUTES[name];

/** These happen inside of runs or have another door; every other action must have a row of the table. */
const ELSEWHERE: readonly ActionName[] = [
  ...ROLE_ACTIONS.conductor,
  'repo.push', // git over HTTP
  'tenant.update', // changeTenant asks for it where more than rules change
];

/** Their samples are made in the team that is asked about, so there is none for a team that is not there. */
const MAKES_SAMPLE: readonly RouteName[] = ['rotateKey', 'revokeKey', 'revokeModelKey', 'testWebhook', 'removeWebhook'];

async function ask(name: RouteName, aim: { team: Team; role: Role; key: string | undefined }): Promise<Response> {
  const route = routeOf(name);
  const { path = {}, body } = await SAMPLES[name]({ place, team: aim.team, role: aim.role });
  const url = route.path.replace(/\{(\w+)\}/g, (_all, part: string) => encodeURIComponent(path[part] ?? ''));
  const stop = new AbortController();
  const response = await fetch(`${place.url}${API_BASE}${url}`, {
    method: route.method,
    headers: {
      ...(aim.key === undefined ? {} : { authorization: `Bearer ${aim.key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: stop.signal,
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) stop.abort();
  return response;
}

/** Things that happened, beside decisions and what samples are made of. */
async function happened(): Promise<number> {
  const [row] = await place.house.store.truth.all<{ n: number }>(
    `select count(*) as n from event where type <> 'policy.decided' and principal <> 'human:root'`,
  );
  return row?.n ?? 0;
}

describe('the authorisation matrix', () => {
  it('has a row for every action that people have', () => {
    const asked = new Set(NAMES.map((name) => routeOf(name).action));

    expect(ACTIONS.filter((action) => !ELSEWHERE.includes(action) && !asked.has(action))).toEqual([]);
    expect(ACTIONS.filter((action) => !Object.values(ROLE_ACTIONS).some((held) => held.includes(action)))).toEqual([]);
  });

  it.each(NAMES)('%s asks for a caller', async (name) => {
    const response = await ask(name, { team: place.acme, role: 'viewer', key: undefined });

    expect(response.status).toBe(routeOf(name).action === 'anyone' ? 200 : 401);
  });

  const cases = NAMES.flatMap((name) => ROLES.map((role) => ({ name, role })));

  it.each(cases)('$name by a $role of the tenant', async ({ name, role }) => {
    const { action, path } = routeOf(name);
    const before = await happened();
    const response = await ask(name, { team: place.acme, role, key: place.acme.keys[role] });

    const platformOnly = !path.includes('{tenant}') && role !== 'platform-admin';
    const free = action === 'anyone' || action === 'signed-in';
    const may = free || (!platformOnly && ROLE_ACTIONS[role].includes(action));
    expect(response.status).toBeLessThan(500);
    if (may) expect([401, 403]).not.toContain(response.status);
    else {
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({
        code: 'DENIED',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'ROLE_MISSING' })]),
      });
      expect(await happened()).toBe(before);
    }
  });

  const foreign = cases.filter(
    ({ name, role }) => routeOf(name).path.includes('{tenant}') && role !== 'platform-admin',
  );

  it.each(foreign)('$name by a $role of another tenant is as if there were none', async ({ name, role }) => {
    const key = place.acme.keys[role];
    const there = await ask(name, { team: place.umbra, role, key });
    const nowhere = { ...place.umbra, tenant: { ...place.umbra.tenant, id: 'nobody' as Team['tenant']['id'] } };
    const before = await happened();
    const not = MAKES_SAMPLE.includes(name) ? there : await ask(name, { team: nowhere, role, key });

    expect(there.status).toBe(404);
    expect(not.status).toBe(404);
    expect(await happened()).toBe(before);
    const [one, other] = [await there.text(), not === there ? '' : await not.text()];
    expect(one).toContain('NO_SUCH_TENANT');
    if (not !== there) expect(one.replaceAll('umbra', 'nobody')).toBe(other);
  });
});
