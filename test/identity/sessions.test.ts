import { afterAll, beforeAll, expect, test } from 'vitest';
import { disable } from '#app/access/roles.ts';
import { makeLink } from '#app/access/sessions.ts';
import { API_BASE } from '#api/index.ts';
import type { PrincipalId } from '#domain/ids.ts';
import { openPlace, type Place, ROOT } from '../api/place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

const get = (path: string, headers: { readonly [name: string]: string } = {}) =>
  fetch(`${place.url}${path}`, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' });

/** Signs in by a link; gives the cookie as it was set, and as a browser sends it. */
async function signIn(id: string): Promise<{ readonly set: string; readonly cookie: string; readonly code: string }> {
  const code = await makeLink(place.house, { principal: id as PrincipalId, grants: [] });
  const answer = await get(`/sign-in?code=${code}`);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/');
  const set = answer.headers.get('set-cookie') ?? '';
  return { set, cookie: set.split(';', 1)[0] ?? '', code };
}

test('pages are for those who have signed in, by a link that is good once', async () => {
  const stranger = await get('/');
  const { set, cookie, code } = await signIn('human:acme-viewer');

  expect(stranger.status).toBe(401);
  expect(await stranger.text()).toContain('maestro sign-in');
  expect(set).toMatch(/HttpOnly; SameSite=Lax/);
  expect((await get('/', { cookie })).status).toBe(200);
  expect((await get(`/sign-in?code=${code}`)).status).toBe(401);
  const rows = await place.house.store.truth.all<{ hash: string }>('select hash from session');
  expect(rows.some(({ hash }) => cookie.includes(hash))).toBe(false);
});

test('pages show the tenants of whoever looks, and nothing of others', async () => {
  const { cookie } = await signIn('human:acme-viewer');
  const page = await (await get('/', { cookie })).text();
  const status = await (await get('/status.json', { cookie })).text();

  for (const text of [page, status]) {
    expect(text).toContain('acme');
    expect(text).not.toContain('umbra');
  }
  expect((await get(`/tasks/${place.acme.task.id}`, { cookie })).status).toBe(200);
  expect((await get(`/tasks/${place.umbra.task.id}`, { cookie })).status).toBe(404);
  expect((await get(`/changes/${place.acme.change.id}`, { cookie })).status).toBe(200);
  expect((await get(`/changes/${place.umbra.change.id}`, { cookie })).status).toBe(404);
});

test('another site can neither act with a session nor end it', async () => {
  const { cookie } = await signIn('human:acme-operator');
  const path = `${API_BASE}/tenants/acme/changes/${place.acme.change.id}/comments`;
  const post = (headers: { readonly [name: string]: string }) =>
    fetch(`${place.url}${path}`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{"body":"hello"}',
    });

  for (const headers of [
    {},
    { origin: 'https://evil.example.org' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', origin: place.url },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const refused = await post(headers);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: 'ORIGIN_FOREIGN' });
  }
  expect((await post({ origin: place.url })).status).toBe(201);
  expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
});

test('a session ends at sign-out, and when its principal is shut out', async () => {
  const first = await signIn('human:acme-approver');
  const second = await signIn('human:acme-approver');

  const out = await fetch(`${place.url}/sign-out`, {
    method: 'POST',
    headers: { cookie: first.cookie, origin: place.url },
    redirect: 'manual',
  });
  expect(out.status).toBe(303);
  expect((await get('/', { cookie: first.cookie })).status).toBe(401);
  expect((await get('/', { cookie: second.cookie })).status).toBe(200);
  await disable(place.house, { id: 'human:acme-approver', disabled: true, by: ROOT });
  expect((await get('/', { cookie: second.cookie })).status).toBe(401);
});
