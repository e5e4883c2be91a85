import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evictEnvironments } from '#adapters/environment/index.ts';
import { millis } from '#kernel/clock.ts';
import { asPlainUser, noPlainUser } from '../engines/plain-user.ts';

const DAY = 86_400_000;
const NOW = Date.now();
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'evict-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function entry(name: string, unusedForMs: number): Promise<void> {
  const path = join(root, '1', name);
  await mkdir(join(path, 'folder-0'), { recursive: true });
  await writeFile(join(path, 'environment.json'), '{}');
  const at = (NOW - unusedForMs) / 1000;
  await utimes(join(path, 'environment.json'), at, at);
  await utimes(path, at, at);
}

it('removes what nobody has used for long and what was left half made, and nothing that is in use', async () => {
  await entry('old', 40 * DAY);
  await entry('old-in-use', 40 * DAY);
  await entry('young', 2 * DAY);
  await entry('dead.making', 2 * DAY);
  await entry('now.making', 60_000);
  await entry('dead.evicted', 2 * DAY);
  await mkdir(join(root, '1', 'old.lease'));

  const what = { before: millis(NOW - 30 * DAY), now: millis(NOW), inUse: new Set(['old-in-use']) };
  const gone = await evictEnvironments(root, what);

  expect(gone).toEqual({ gone: 1, faults: [] });
  expect((await readdir(join(root, '1'))).toSorted()).toEqual(['now.making', 'old-in-use', 'old.lease', 'young']);
  expect(await evictEnvironments(join(root, 'nowhere'), what)).toEqual({ gone: 0, faults: [] });
});

const AS_USER = `
  const { chmod, mkdir, readdir, utimes, writeFile } = await import('node:fs/promises');
  const { evictEnvironments } = await import('#adapters/environment/index.ts');
  const { removeTenantFolders } = await import('#adapters/files/index.ts');
  const data = process.env.TMPDIR;
  const root = data + '/environments';
  const entry = async (path) => {
    await mkdir(path + '/folder-0/module', { recursive: true });
    await writeFile(path + '/folder-0/module/a.go', 'a');
    await writeFile(path + '/environment.json', '{}');
    await chmod(path + '/folder-0/module', 0o555);
    await utimes(path + '/environment.json', 1, 1);
    await utimes(path, 1, 1);
  };
  for (const name of ['a', 'b', 'c.making', 'd.evicted']) await entry(root + '/1/' + name);
  const now = Date.now();
  const evicted = await evictEnvironments(root, { before: now - 1000, now, inUse: new Set() });
  const left = await readdir(root + '/1');
  await entry(root + '/2/a');
  await removeTenantFolders(data, { id: 'red', ordinal: 2 });

  for (const name of ['a', 'b']) await entry(root + '/1/' + name);
  await entry(root + '/1/a.evicted');
  const again = await evictEnvironments(root, { before: now - 1000, now: 2000, inUse: new Set() });
  console.log(JSON.stringify({ evicted, left, tenants: await readdir(root), again, kept: await readdir(root + '/1') }));`;

it('removes folders that a program closed to their owner, and goes on past what cannot go', async (context) => {
  const reason = await noPlainUser();
  if (reason !== undefined) return context.skip(reason);

  expect(await asPlainUser(AS_USER)).toEqual({
    evicted: { gone: 2, faults: [] },
    left: [],
    tenants: ['1'],
    again: { gone: 1, faults: [expect.stringContaining('ENOTEMPTY')] },
    kept: ['a', 'a.evicted'],
  });
});
