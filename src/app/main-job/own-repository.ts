import { basename, resolve } from 'node:path';
import type { House } from '../house.ts';
import type { Examples, ExampleTask } from './main-job.ts';

const TENANT = 'yours';
const DECLARED = /^[^:]*:export (?:async )?(?:function|const|class|interface|type) ([A-Za-z_$][\w$]{3,})/;
const SOURCES = ['*.ts', '*.tsx', '*.js', '*.jsx', '*.mjs'];

/** The main job on someone's own repository: two tasks that fit any TypeScript or JavaScript. What lands, lands in Maestro's copy only. */
export async function ownRepository(house: House, shipped: Examples, path: string): Promise<Examples> {
  const dir = resolve(path);
  const name = basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-');
  const symbol = await popularSymbol(house, dir);
  const task = (key: string, recipe: string, params: ExampleTask['params']): ExampleTask => ({
    key: `${name}-${key}`,
    tenant: TENANT,
    recipe,
    params,
  });
  const codemod = { pattern: '$LIST.indexOf($ITEM) !== -1', rewrite: '$LIST.includes($ITEM)' };
  const rename = symbol === undefined ? [] : [task('rename', 'rename-api', { from: symbol, to: `${symbol}Renamed` })];
  return {
    ...shipped,
    tenants: [{ id: TENANT, weight: 1, budgetUsd: 10, repo: name }],
    tasks: [task('codemod', 'codemod', codemod), ...rename],
    expected: {},
    repository: () => Promise.resolve(dir),
  };
}

/** The exported name that stands in most files; undefined when there is none. */
async function popularSymbol(house: House, dir: string): Promise<string | undefined> {
  const grep = async (...args: string[]): Promise<readonly string[]> => {
    const found = await house.git.run({
      args: ['grep', '-I', ...args, 'HEAD', '--', ...SOURCES],
      cwd: dir,
      accept: [0, 1, 128],
    });
    return found.stdout.toString('utf8').split('\n');
  };
  const declared = await grep('-h', '-E', '^export (async )?(function|const|class|interface|type) ');
  const names = [
    ...new Set(declared.map((line) => DECLARED.exec(`:${line}`)?.[1]).filter((found) => found !== undefined)),
  ];
  let best: { name: string; files: number } | undefined;
  for (const name of names.slice(0, 50)) {
    const files = (await grep('-l', '-w', '-F', name)).filter((line) => line !== '').length;
    if (best === undefined || files > best.files) best = { name, files };
  }
  return best?.name;
}
