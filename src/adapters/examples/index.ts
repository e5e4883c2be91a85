import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Git } from '#domain/git.ts';
import type { Json } from '#kernel/json.ts';

const FOLDER = fileURLToPath(new URL('../../../examples/', import.meta.url));

// Fixed, so that the same files make the same commit on every machine.
const AUTHOR = {
  GIT_AUTHOR_NAME: 'Example',
  GIT_AUTHOR_EMAIL: 'example@localhost',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Example',
  GIT_COMMITTER_EMAIL: 'example@localhost',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** One of the JSON files beside the examples. */
export function readExampleFile(name: 'tenants' | 'tasks' | 'expected'): Json {
  // The cast is true: JSON.parse gives nothing else.
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Json;
}

/** A git repository with one commit of the example's files below `root`; made once, however often it is cut off. Gives its path. */
export async function exampleRepository(git: Git, root: string, name: string): Promise<string> {
  const dir = join(root, name);
  if (isMade(dir)) return dir;
  mkdirSync(root, { recursive: true });
  const making = mkdtempSync(join(root, `.${name}-`));
  try {
    cpSync(join(FOLDER, name), making, { recursive: true });
    const run = (...args: string[]): Promise<string> => git.text({ args, cwd: making, env: AUTHOR });
    await run('init', '--quiet', '--initial-branch=main');
    await run('add', '--all');
    await run('commit', '--quiet', '--message', `The example ${name}`);
    put(making, dir);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return dir;
}

function isMade(dir: string): boolean {
  return existsSync(join(dir, '.git', 'refs', 'heads', 'main'));
}

/** In one piece, so that what is there is whole. Another process may be first. */
function put(making: string, dir: string): void {
  try {
    renameSync(making, dir);
  } catch (error) {
    if (isMade(dir)) return;
    if (!existsSync(dir)) throw error;
    rmSync(dir, { recursive: true }); // half of one, from a version that made it in place
    renameSync(making, dir);
  }
}
