import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { House } from './house.ts';
import type { ExampleTask, ExampleTenant, Examples } from './main-job.ts';

const FOLDER = fileURLToPath(new URL('../../examples/', import.meta.url));
const NOBODY = { GIT_AUTHOR_NAME: 'Example', GIT_AUTHOR_EMAIL: 'example@localhost' };
const COMMITTER = { GIT_COMMITTER_NAME: 'Example', GIT_COMMITTER_EMAIL: 'example@localhost' };
const WHEN = { GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z', GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z' };

/** The examples that come with the package; their repositories are made in the data directory. */
export function shippedExamples(house: House): Examples {
  return {
    tenants: read<readonly ExampleTenant[]>('tenants.json'),
    tasks: read<readonly ExampleTask[]>('tasks.json'),
    expected: read<Examples['expected']>('expected.json'),
    repository: (name) => makeRepository(house, name),
  };
}

function read<T>(name: string): T {
  // The cast is true: these files are part of the package, and the main job's test reads them.
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
}

/** A git repository with one commit of the example's files; made once. */
async function makeRepository(house: House, name: string): Promise<string> {
  const dir = join(house.dataDir, 'examples', name);
  if (existsSync(join(dir, '.git', 'refs', 'heads', 'main'))) return dir;
  cpSync(join(FOLDER, name), dir, { recursive: true });
  const env = { ...NOBODY, ...COMMITTER, ...WHEN };
  const git = (...args: string[]): Promise<string> => house.git.text({ args, cwd: dir, env });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', `The example ${name}`);
  return dir;
}
