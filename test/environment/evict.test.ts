import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evictEnvironments } from '#adapters/environment/index.ts';
import { millis } from '#kernel/clock.ts';

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

  expect(gone).toBe(1);
  expect((await readdir(join(root, '1'))).toSorted()).toEqual(['now.making', 'old-in-use', 'old.lease', 'young']);
  expect(await evictEnvironments(join(root, 'nowhere'), what)).toBe(0);
});
