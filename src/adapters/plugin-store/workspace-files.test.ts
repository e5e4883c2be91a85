import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { workspaceFiles } from './workspace-files.ts';

let root: string;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const change = (path: string, after: string) => ({ path, before: bytes('old'), after: bytes(after) });

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'edits-'));
  root = join(folder, 'workspace');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'src', 'a.sh'), 'old');
  chmodSync(join(root, 'src', 'a.sh'), 0o755);
  writeFileSync(join(root, 'b.txt'), 'old');
  writeFileSync(join(folder, 'outside.txt'), 'secret');
  symlinkSync('../outside.txt', join(root, 'link.txt'));
  symlinkSync('..', join(root, 'up'));
  return () => rmSync(folder, { recursive: true });
});

test('files are replaced with their mode kept and nothing left beside them', async () => {
  await workspaceFiles.replace(root, [change('src/a.sh', 'new'), change('b.txt', 'newer')]);

  expect(readFileSync(join(root, 'src', 'a.sh'), 'utf8')).toBe('new');
  expect(statSync(join(root, 'src', 'a.sh')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(root, 'b.txt'), 'utf8')).toBe('newer');
  expect(readdirSync(root).toSorted()).toEqual(['b.txt', 'link.txt', 'src', 'up']);
});

test.each(['gone.txt', 'link.txt', 'up/outside.txt', '../outside.txt'])(
  'when %s cannot be written nothing is',
  async (path) => {
    await expect(workspaceFiles.replace(root, [change('b.txt', 'new'), change(path, 'new')])).rejects.toMatchObject({
      code: 'WORKSPACE_CHANGED',
    });

    expect(readFileSync(join(root, 'b.txt'), 'utf8')).toBe('old');
    expect(readFileSync(join(root, '..', 'outside.txt'), 'utf8')).toBe('secret');
    expect(readdirSync(root).toSorted()).toEqual(['b.txt', 'link.txt', 'src', 'up']);
  },
);

test.each(['link.txt', 'up/outside.txt', '../outside.txt', 'src', 'src/../b.txt'])('%s is not read', async (path) => {
  expect(await workspaceFiles.read(root, path)).toBeNull();
});

test('an edit that someone else staged is not written over and stays', async () => {
  writeFileSync(join(root, 'b.txt.maestro-new'), 'theirs');

  await expect(workspaceFiles.replace(root, [change('src/a.sh', 'new'), change('b.txt', 'new')])).rejects.toMatchObject(
    {
      code: 'WORKSPACE_CHANGED',
    },
  );

  expect(readFileSync(join(root, 'src', 'a.sh'), 'utf8')).toBe('old');
  expect(readFileSync(join(root, 'b.txt.maestro-new'), 'utf8')).toBe('theirs');
});
