import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import { checkMounts } from './check-mounts.ts';

let workspace = '';
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'check-mounts-'));
  await mkdir(join(workspace, 'packages/a'), { recursive: true });
  await symlink('/etc', join(workspace, 'packages/b'));
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

const check = (at: string): Promise<void> =>
  checkMounts(workspace, { ...EMPTY_ENVIRONMENT, mounts: [{ host: '/cache', at, scratch: [] }] });

describe('mounts of an environment', () => {
  it.each(['node_modules', 'packages/a/node_modules', 'packages/a', 'new/deep'])('may land on %s', async (at) => {
    await expect(check(at)).resolves.toBeUndefined();
  });

  it.each(['packages/b', 'packages/b/node_modules', '../x', '/etc', 'a/../../x', '.'])(
    'may not land on %s',
    async (at) => {
      await expect(check(at)).rejects.toMatchObject({ code: 'SANDBOX_MOUNT_BLOCKED' });
    },
  );
});
