import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '#app/open.ts';
import { addRepo } from '#app/tenants/repositories.ts';
import { makeLink } from '#app/access/sessions.ts';
import { person } from '#app/governance/principals.ts';
import { createTenant, tenantDefaults } from '#app/tenants/tenants.ts';
import { serve, type Served } from '#server/serve.ts';
import { GREETING, repository, run } from '../e2e/maestro.ts';

const dir = mkdtempSync(join(tmpdir(), 'maestro-server-'));
let house: House & AsyncDisposable;
let served: Served;
/** The session of the administrator, as a browser sends it. */
let cookie: string;

beforeAll(async () => {
  house = await openHouse({ dataDir: join(dir, 'data') });
  const tenant = await createTenant(house, tenantDefaults(house, 'core'), person('ada'));
  const origin = await repository(join(dir, 'greeting'), GREETING);
  writeFileSync(join(origin, 'large.bin'), randomBytes(5 * 2 ** 20));
  await run('git', ['add', '-A'], { cwd: origin });
  await run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-qm', 'large'], {
    cwd: origin,
  });
  await addRepo(house, { tenant, origin, name: 'greeting', by: person('ada') });
  served = await serve(house, { host: '127.0.0.1', port: 0 });
  const { id, grants } = person('ada');
  const link = await makeLink(house, { principal: id, grants });
  const answer = await fetch(`${served.url}/sign-in?code=${link}`, { redirect: 'manual' });
  cookie = (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

test('pages come with headers that keep a browser from loading, framing and guessing', async () => {
  const answer = await fetch(`${served.url}/`, { headers: { cookie } });

  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('<h1>Maestro Conductor</h1>');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('x-frame-options')).toBe('DENY');
});

test('the status is also JSON, and what is nowhere is a plain 404', async () => {
  const get = (path: string) => fetch(`${served.url}${path}`, { headers: { cookie } });

  expect(await (await get('/status.json')).json()).toMatchObject({ tenants: [{ tenant: 'core' }] });
  expect((await get('/tasks/task_none')).status).toBe(404);
  expect((await get('/nothing')).status).toBe(404);
});

test('git clones more than any body limit, and is asked for a token first', async () => {
  const to = (name: string): string => join(dir, name);
  const address = served.url.replace('http://', `http://maestro:${house.gitToken}@`);

  const nobody = await run('git', ['clone', `${served.url}/git/core/greeting.git`, to('refused')], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
  const cloned = await run('git', ['clone', '-q', `${address}/git/core/greeting.git`, to('cloned')]);

  expect(nobody.code).not.toBe(0);
  expect(cloned).toMatchObject({ code: 0 });
  expect(readFileSync(join(to('cloned'), 'large.bin')).length).toBe(5 * 2 ** 20);
});

test('a push that is larger than any body limit reaches git, which says itself what is refused', async () => {
  const work = join(dir, 'pushed');
  const address = `${served.url.replace('http://', `http://maestro:${house.gitToken}@`)}/git/core/greeting.git`;
  await run('git', ['clone', '-q', address, work]);
  writeFileSync(join(work, 'more.bin'), randomBytes(5 * 2 ** 20));
  await run('git', ['add', '-A'], { cwd: work });
  await run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-qm', 'more'], { cwd: work });

  const pushed = await run('git', ['push', 'origin', 'main'], { cwd: work });

  expect(pushed.code).not.toBe(0);
  expect(pushed.stderr).toContain('remote rejected');
});
