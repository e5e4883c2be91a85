import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { evidenceFolders } from './evidence-folders.ts';

let root: string;
let dir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maestro-folder-'));
  dir = join(root, 'deep', 'evidence');
  return () => rmSync(root, { recursive: true, force: true });
});

const files = (more: string) =>
  new Map([
    ['SHA256SUMS.sig', Buffer.of(0, 255)],
    [more, Buffer.from(more)],
  ]);

test('what is written is read back, byte for byte', async () => {
  await evidenceFolders.write(dir, files('a.txt'));

  expect(await evidenceFolders.read(dir)).toEqual(files('a.txt'));
});

test('an earlier export is replaced as a whole', async () => {
  await evidenceFolders.write(dir, files('a.txt'));
  await evidenceFolders.write(dir, files('b.txt'));

  expect(readdirSync(dir)).toEqual(['SHA256SUMS.sig', 'b.txt']);
  expect(readdirSync(join(root, 'deep'))).toEqual(['evidence']);
});

test('a folder that holds something else is left alone', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'thesis.txt'), 'mine');

  await expect(evidenceFolders.write(dir, files('a.txt'))).rejects.toMatchObject({ code: 'FOLDER_FOREIGN' });
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
});

test('a place that cannot be written is an error with a cure', async () => {
  writeFileSync(join(root, 'deep'), '');

  await expect(evidenceFolders.write(dir, files('a.txt'))).rejects.toMatchObject({
    code: expect.stringMatching(/^FOLDER_UN/),
  });
});

test('a folder that is not there cannot be read', async () => {
  await expect(evidenceFolders.read(dir)).rejects.toMatchObject({ code: 'FOLDER_UNREADABLE' });
});

test.each<[string, (path: string) => void]>([
  ['a link', (path) => symlinkSync('/etc/passwd', path)],
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe', (path) => spawnSync('mkfifo', [path])],
])('%s among the files is refused and not followed', async (_, make) => {
  await evidenceFolders.write(dir, files('a.txt'));
  make(join(dir, 'odd'));

  await expect(evidenceFolders.read(dir)).rejects.toMatchObject({ code: 'FOLDER_UNREADABLE' });
});
