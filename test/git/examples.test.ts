import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exampleRepository } from '#adapters/examples/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { git, scratchFolder } from './scratch.ts';
import { gitPlace } from './place.ts';

const folder = scratchFolder();
afterAll(() => folder[Symbol.dispose]());

test('an example is made by one of two at once, and both have it', async () => {
  const root = join(folder.dir, 'both');
  const made = () => exampleRepository(gitOn(gitPlace), root, 'storefront');

  expect(new Set(await Promise.all([made(), made()]))).toEqual(new Set([join(root, 'storefront')]));
  expect(readdirSync(root)).toEqual(['storefront']);
});

test('an example whose making was cut off is made anew', async () => {
  const root = join(folder.dir, 'cut');
  mkdirSync(join(root, 'storefront', '.git'), { recursive: true });
  writeFileSync(join(root, 'storefront', '.git', 'index.lock'), '');

  const path = await exampleRepository(gitOn(gitPlace), root, 'storefront');

  expect(git(path, 'log', '--format=%s')).toBe('The example storefront');
});
