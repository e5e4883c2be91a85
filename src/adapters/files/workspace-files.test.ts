import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SafeWorkspaceFiles } from './workspace-files.ts';

let outside = '';
let root = '';
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'workspace-files-'));
  root = join(outside, 'work');
  await mkdir(join(root, 'src'), { recursive: true });
  await mkdir(join(root, '.git'));
  await mkdir(join(root, 'node_modules/a'), { recursive: true });
  await writeFile(join(root, 'src/a.txt'), 'one');
  await writeFile(join(root, '.git/config'), 'x');
  await writeFile(join(outside, 'secret'), 'secret');
  await symlink('../secret', join(root, 'leak'));
  await symlink('..', join(root, 'up'));
  await symlink('src', join(root, 'alias'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
});
afterAll(() => rm(outside, { recursive: true, force: true }));

const files = () => new SafeWorkspaceFiles(root);
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('files of a workspace', () => {
  it('are listed without links, git and installed packages', async () => {
    expect(await files().list(10)).toEqual(['src/a.txt']);
  });

  it('are read and written, with folders made on the way', async () => {
    await files().write('new/deep/b.txt', bytes('two'));
    await files().write('src/a.txt', bytes('1'));

    expect(Buffer.from((await files().read('new/deep/b.txt')) ?? []).toString()).toBe('two');
    expect(await readFile(join(root, 'src/a.txt'), 'utf8')).toBe('1');
    expect(await files().read('none')).toBeUndefined();
    expect(await files().read('src/a.txt/none')).toBeUndefined();
    await rm(join(root, 'new'), { recursive: true });
  });

  it.each([
    'leak',
    'up/secret',
    'alias/a.txt',
    'pipe',
    'src',
    '../secret',
    '/etc/passwd',
    '.git/config',
    'a/../../secret',
    '',
  ])('do not lead out by %s', async (path) => {
    const read = files()
      .read(path)
      .catch((fault: { readonly code: string }) => fault.code);
    // Through a link to a folder there is nothing to be seen.
    expect(await read).toBe(/^(up|alias)/.test(path) ? undefined : 'WORKSPACE_PATH_OUTSIDE');
    await expect(files().write(path, bytes('x'))).rejects.toMatchObject({ code: 'WORKSPACE_PATH_OUTSIDE' });
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(await readFile(join(root, '.git/config'), 'utf8')).toBe('x');
  });
});
