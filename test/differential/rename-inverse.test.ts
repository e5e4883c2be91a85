import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '#adapters/files/memory-files.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { run } from '#agents/recipes/rename-api/run.ts';
import { sized } from '../size.ts';

const CONFIG = JSON.stringify({ compilerOptions: { lib: ['es2020'], types: [], jsx: 'preserve', strict: true } });

// Each uses `fetchUser` in its own way; `N` is a number that keeps names apart.
const USES = [
  `export const directN = fetchUser('1');`,
  `export const sameN = { fetchUser };`,
  `export const keyN = { get: fetchUser, 'fetchUser': 1 };`,
  `export const { fetchUser: takenN } = api;`,
  `export function fN({ fetchUser } = api) { return fetchUser; }`,
  `export async function lateN() {\r\n\tconst { fetchUser } = await import('./api');\r\n\treturn fetchUser;\r\n}`,
  `export type TN = typeof fetchUser | typeof import('./api').fetchUser; // fetchUser`,
  `export const fakeN: typeof api = { fetchUser: (id) => ({ id }) };`,
  `export function innerN(fetchUser: number) { return { fetchUser }; }`,
  `export const elementN = <Box run={fetchUser} fetchUser="x" />;`,
  `export class CN { fetchUser = fetchUser; }`,
  `export { fetchUser as passedN };`,
  `export const textN = \`\${fetchUser} fetchUser\` + 'größe 😀';`,
];
const HEADS = [
  `import { fetchUser } from './api';\nimport * as api from './api';`,
  `import * as api from './barrel';\nimport { fetchUser, Box } from './barrel';`,
  `\ufeffimport{api,fetchUser}from'./nested' ;`,
];

function draw(random: Random): { readonly [path: string]: string } {
  const files: { [path: string]: string } = {
    'tsconfig.json': CONFIG,
    'api.tsx': `export function fetchUser(id: string) { return { id }; }\ndeclare global { namespace JSX { interface IntrinsicElements {} } }\n`,
    'barrel.ts': random.integer(2) === 0 ? `export * from './api';\n` : `export { fetchUser } from './api';\n`,
    'nested.ts': `export * as api from './barrel';\nexport { fetchUser } from './barrel';\n`,
  };
  for (let file = 0; file < 3; file++) {
    const uses = Array.from({ length: 6 }, (_, i) =>
      (USES[random.integer(USES.length)] ?? '').replaceAll('N', `_${file}${i}`),
    );
    const box = `declare function Box(p: { run: unknown; fetchUser: string }): any;`;
    const head = (HEADS[random.integer(HEADS.length)] ?? '').replace(', Box', '');
    files[`use${file}.tsx`] = [head, box, ...uses, ''].join(random.integer(2) === 0 ? '\n' : '\r\n');
  }
  return files;
}

describe('renaming there and back', () => {
  it.each(Array.from({ length: sized(4, 60) }, (_, seed) => seed))(
    'gives the bytes of the beginning, seed %i',
    (seed) => {
      const before = draw(seededRandom(seed));
      const files = new MemoryFiles(before);

      const there = run(files, { from: 'fetchUser', to: 'loadUser', file: 'api.tsx' });
      const between = files.texts();
      const back = run(files, { from: 'loadUser', to: 'fetchUser', file: 'api.tsx' });

      expect([there, back]).toMatchObject([{ kind: 'change' }, { kind: 'change' }]);
      expect(between).not.toEqual(before);
      expect(files.texts()).toEqual(before);
    },
  );
});
