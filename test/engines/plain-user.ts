import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeTree } from '#adapters/files/remove-tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/**
 * Runs a program, a module's text that may import `#...`, as a user whom modes of folders hold off, which root is not.
 * It stands in an empty folder of its own, which is its TMPDIR too. Gives what it printed, read as JSON.
 */
export async function asPlainUser(program: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'plain-user-'));
  try {
    const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    await chmod(folder, 0o700);
    const argv = [...(isRoot ? user : []), process.execPath, '--input-type=module', '-e', program];
    const ran = await promisify(execFile)(argv[0]!, argv.slice(1), {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], TMPDIR: folder, HOME: folder, ...env },
      timeout: 60_000,
    });
    return JSON.parse(ran.stdout);
  } finally {
    await removeTree(folder);
  }
}

/** Why there is no such user here; undefined when there is one. */
export async function noPlainUser(): Promise<string | undefined> {
  if (!isRoot) return undefined;
  const works = promisify(execFile)('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', 'true']);
  return works.then(
    () => undefined,
    () => 'skipped: root cannot take the place of another user here (no setpriv)',
  );
}
