import { cpSync, existsSync, readFileSync } from 'node:fs';
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

/** A git repository with one commit of the example's files below `root`; made once. Gives its path. */
export async function exampleRepository(git: Git, root: string, name: string): Promise<string> {
  const dir = join(root, name);
  if (existsSync(join(dir, '.git', 'refs', 'heads', 'main'))) return dir;
  cpSync(join(FOLDER, name), dir, { recursive: true });
  const run = (...args: string[]): Promise<string> => git.text({ args, cwd: dir, env: AUTHOR });
  await run('init', '--quiet', '--initial-branch=main');
  await run('add', '--all');
  await run('commit', '--quiet', '--message', `The example ${name}`);
  return dir;
}
