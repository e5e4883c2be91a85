import { lstat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Environment } from '#domain/environment.ts';
import { SANDBOX_ERRORS, SandboxError } from './errors.ts';

/**
 * Refuses mounts that would not land where they say: on the way to each there may be folders only, or nothing.
 * A link planted in the workspace could otherwise lead a mount somewhere else.
 */
export async function checkMounts(workspace: string, environment: Environment): Promise<void> {
  for (const { at } of environment.mounts) {
    if (isAbsolute(at) || normalize(at) !== at || at === '.' || at.split('/')[0] === '..')
      throw blocked(at, 'leaves the workspace');
    let path = workspace;
    for (const part of at.split('/')) {
      path = join(path, part);
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined) break;
      if (!found.isDirectory()) throw blocked(at, `is blocked by ${path}, which is not a folder`);
    }
  }
}

function blocked(at: string, why: string): SandboxError {
  return new SandboxError({
    code: 'SANDBOX_MOUNT_BLOCKED',
    message: `the environment's mount ${at} ${why}`,
    cure: SANDBOX_ERRORS.SANDBOX_MOUNT_BLOCKED.cure,
    details: { mount: at },
  });
}
