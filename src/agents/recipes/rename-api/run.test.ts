import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '#adapters/files/memory-files.ts';
import type { RecipeReport } from '../recipe.ts';
import { run } from './run.ts';

type Texts = { readonly [path: string]: string };

// Without the browser's library each test takes a third of the time.
const CONFIG = JSON.stringify({
  compilerOptions: {
    strict: true,
    lib: ['es2015'],
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'esnext',
    types: [],
  },
});

function rename(texts: Texts, from: string, to: string, file?: string): { report: RecipeReport; changed: Texts } {
  const all: Texts = 'tsconfig.json' in texts ? texts : { 'tsconfig.json': CONFIG, ...texts };
  const files = new MemoryFiles(all);
  const report = run(files, { from, to, ...(file === undefined ? {} : { file }) });
  const changed = Object.fromEntries(Object.entries(files.texts()).filter(([path, text]) => text !== all[path]));
  return { report, changed };
}

function refusal(report: RecipeReport): string {
  return report.kind === 'failed'
    ? `${report.reasons[0]?.code}: ${report.reasons[0]?.msg} | ${report.reasons[0]?.fix}`
    : report.kind;
}

const API = `export function fetchUser(id: string): { id: string } {\n  return { id };\n}\n`;
const NEW_API = API.replace('fetchUser', 'loadUser');

/** What becomes of one file that uses `fetchUser` of `api.ts` when it is renamed to `loadUser`. */
function inUse(text: string, more: Texts = {}): string {
  const { report, changed } = rename({ 'api.ts': API, 'use.ts': text, ...more }, 'fetchUser', 'loadUser');
  expect(refusal(report)).toBe('change');
  expect(changed['api.ts']).toBe(NEW_API);
  return changed['use.ts'] ?? text;
}

describe('renaming an exported function follows its uses', () => {
  it.each([
    [`import { fetchUser } from './api';\nfetchUser('1');\n`, `import { loadUser } from './api';\nloadUser('1');\n`],
    [`import { fetchUser as get } from './api';\nget('1');\n`, `import { loadUser as get } from './api';\nget('1');\n`],
    [`import * as api from './api';\napi.fetchUser('1');\n`, `import * as api from './api';\napi.loadUser('1');\n`],
    [`export { fetchUser } from './api';\n`, `export { loadUser } from './api';\n`],
    [`export { fetchUser as get } from './api';\n`, `export { loadUser as get } from './api';\n`],
    [`export { fetchUser as default } from './api';\n`, `export { loadUser as default } from './api';\n`],
    [
      `import { fetchUser } from './api';\nexport default fetchUser;\n`,
      `import { loadUser } from './api';\nexport default loadUser;\n`,
    ],
    [`let f: typeof import('./api').fetchUser;\n`, `let f: typeof import('./api').loadUser;\n`],
    [
      `import type { fetchUser } from './api';\nlet f: typeof fetchUser;\n`,
      `import type { loadUser } from './api';\nlet f: typeof loadUser;\n`,
    ],
    [
      `import { type fetchUser as F } from './api';\nlet f: typeof F;\n`,
      `import { type loadUser as F } from './api';\nlet f: typeof F;\n`,
    ],
  ])('in imports, exports and types: %s', (before, after) => {
    expect(inUse(before)).toBe(after);
  });

  it.each([
    [`const all = { fetchUser };\nall.fetchUser('1');`, `const all = { fetchUser: loadUser };\nall.fetchUser('1');`],
    [`const all = { fetchUser: fetchUser };`, `const all = { fetchUser: loadUser };`],
    [`const all = { get: fetchUser };`, `const all = { get: loadUser };`],
    [`const all = { loadUser: fetchUser };`, `const all = { loadUser };`],
    [`const { length } = fetchUser;`, `const { length } = loadUser;`],
    [`const all = { [fetchUser.name]: 1 };`, `const all = { [loadUser.name]: 1 };`],
  ])('in objects, where keys stay what they are: %s', (before, after) => {
    const start = `import { fetchUser } from './api';\n`;

    expect(inUse(start + before)).toBe(start.replace('fetchUser', 'loadUser') + after);
  });

  it.each([
    [`const { fetchUser } = api;\nfetchUser('1');`, `const { loadUser: fetchUser } = api;\nfetchUser('1');`],
    [`const { fetchUser: get } = api;\nget('1');`, `const { loadUser: get } = api;\nget('1');`],
    [`const { fetchUser: loadUser } = api;\nloadUser('1');`, `const { loadUser } = api;\nloadUser('1');`],
    [
      `function f({ fetchUser = api.fetchUser } = api) {\n  return fetchUser;\n}`,
      `function f({ loadUser: fetchUser = api.loadUser } = api) {\n  return fetchUser;\n}`,
    ],
    [
      `async function f() {\n  const { fetchUser } = await import('./api');\n  return fetchUser;\n}`,
      `async function f() {\n  const { loadUser: fetchUser } = await import('./api');\n  return fetchUser;\n}`,
    ],
    [
      `const fake: typeof api = { fetchUser: (id) => ({ id }) };`,
      `const fake: typeof api = { loadUser: (id) => ({ id }) };`,
    ],
    [
      `const fake: typeof api = { fetchUser(id) { return { id }; } };`,
      `const fake: typeof api = { loadUser(id) { return { id }; } };`,
    ],
    [
      `let fetchUser: typeof api.fetchUser;\n({ fetchUser } = api);`,
      `let fetchUser: typeof api.loadUser;\n({ loadUser: fetchUser } = api);`,
    ],
    [
      `const fetchUser = api.fetchUser;\nconst fake: typeof api = { fetchUser };`,
      `const fetchUser = api.loadUser;\nconst fake: typeof api = { loadUser: fetchUser };`,
    ],
  ])('where the module is taken as an object: %s', (before, after) => {
    const start = `import * as api from './api';\n`;

    const { report, changed } = rename({ 'api.ts': API, 'use.ts': start + before }, 'fetchUser', 'loadUser', 'api.ts');

    expect(refusal(report)).toBe('change');
    expect(changed['use.ts']).toBe(start + after);
  });

  it('through barrels of every kind', () => {
    const barrels = {
      'a.ts': `export { fetchUser } from './api';\n`,
      'b.ts': `export * from './a';\n`,
      'c.ts': `import { fetchUser } from './b';\nexport { fetchUser };\n`,
      'd.ts': `export * as api from './c';\n`,
    };

    const after = inUse(`import { api } from './d';\napi.fetchUser('1');\n`, barrels);

    expect(after).toBe(`import { api } from './d';\napi.loadUser('1');\n`);
  });

  it('leaves strings, comments and other things of that name alone', () => {
    const others = `// fetchUser
/** {@link fetchUser} */
const text = 'fetchUser' + \`fetchUser\`;
function inner(fetchUser: number): number { return fetchUser; }
const other = { fetchUser: 1 };
other.fetchUser;
type Other = { fetchUser: number };
class C { fetchUser() {} }
label: for (;;) break label;
`;

    expect(inUse(others)).toBe(others);
  });

  it('says where the old name still stands', () => {
    const { report } = rename(
      { 'api.ts': `${API}// fetchUser\n`, 'page.vue': `fetchUser()`, 'x.ts': `export const fetchUsers = 1;` },
      'fetchUser',
      'loadUser',
    );

    expect(report).toMatchObject({ warnings: [expect.stringContaining('in 2 lines')] });
    expect(report).toMatchObject({ warnings: [expect.stringContaining('api.ts:4, page.vue:1')] });
  });
});

describe('renaming other declarations', () => {
  const renamed = (before: string, from: string, to: string): string => {
    const { report, changed } = rename({ 'a.tsx': before }, from, to);
    expect(refusal(report)).toBe('change');
    return changed['a.tsx'] ?? before;
  };

  it.each([
    [
      'a class',
      `export class User { static make(): User { return new User(); } }\nlet u: User;`,
      'User',
      'Person',
      `export class Person { static make(): Person { return new Person(); } }\nlet u: Person;`,
    ],
    [
      'an interface and its additions',
      `interface Box { a: 1 }\ninterface Box { b: 2 }\nexport type T = Box['a'];`,
      'Box',
      'Crate',
      `interface Crate { a: 1 }\ninterface Crate { b: 2 }\nexport type T = Crate['a'];`,
    ],
    [
      'a type and a value of one name',
      `export const Id = 1;\nexport type Id = typeof Id;\nexport const x: Id = Id;`,
      'Id',
      'Key',
      `export const Key = 1;\nexport type Key = typeof Key;\nexport const x: Key = Key;`,
    ],
    [
      'a type with parameters',
      `type Pair<A> = [A, A];\nexport type T = Pair<Pair<string>>;`,
      'Pair',
      'Twin',
      `type Twin<A> = [A, A];\nexport type T = Twin<Twin<string>>;`,
    ],
    [
      'an enum',
      `export enum Color { Red }\nexport const c: Color = Color.Red;`,
      'Color',
      'Paint',
      `export enum Paint { Red }\nexport const c: Paint = Paint.Red;`,
    ],
    [
      'a namespace',
      `namespace Api { export const x = 1; }\nexport const y = Api.x;`,
      'Api',
      'Client',
      `namespace Client { export const x = 1; }\nexport const y = Client.x;`,
    ],
    [
      'overloads',
      `export function get(a: 1): 1;\nexport function get(a: 2): 2;\nexport function get(a: any) { return a; }\nget(1);`,
      'get',
      'read',
      `export function read(a: 1): 1;\nexport function read(a: 2): 2;\nexport function read(a: any) { return a; }\nread(1);`,
    ],
    [
      'a component',
      `declare namespace JSX { interface IntrinsicElements { b: {} } }\nfunction Panel(p: { a?: 1; children?: unknown }) { return <b />; }\nexport const x = <Panel a={1}><Panel /></Panel>;`,
      'Panel',
      'Card',
      `declare namespace JSX { interface IntrinsicElements { b: {} } }\nfunction Card(p: { a?: 1; children?: unknown }) { return <b />; }\nexport const x = <Card a={1}><Card /></Card>;`,
    ],
    [
      'a destructured variable',
      `const make = () => ({ size: 1 });\nexport const { size } = make();\nsize;`,
      'size',
      'width',
      `const make = () => ({ size: 1 });\nexport const { size: width } = make();\nwidth;`,
    ],
    [
      'an export by another name',
      `function helper() {}\nexport { helper as open };`,
      'open',
      'start',
      `function helper() {}\nexport { helper as start };`,
    ],
    ['a name with a dollar sign', `export const $a = 1;\n$a;`, '$a', '$b', `export const $b = 1;\n$b;`],
  ])('works for %s', (_, before, from, to, after) => {
    expect(renamed(before, from, to)).toBe(after);
  });

  it.each([
    [
      'a method and its overrides',
      `interface Store { get(): number }\nclass A implements Store { get() { return 1; } }\nclass B extends A { override get() { return super.get(); } }\nexport const n = (s: Store) => s.get();\nconst other = { get: 1 };`,
      'Store.get',
      `interface Store { read(): number }\nclass A implements Store { read() { return 1; } }\nclass B extends A { override read() { return super.read(); } }\nexport const n = (s: Store) => s.read();\nconst other = { get: 1 };`,
    ],
    [
      'a property in literals and patterns',
      `interface Box { get: number }\nconst get = 1;\nexport const b: Box = { get };\nexport const { get: g } = b;\nexport function f({ get }: Box) { return get; }`,
      'Box.get',
      `interface Box { read: number }\nconst get = 1;\nexport const b: Box = { read: get };\nexport const { read: g } = b;\nexport function f({ read: get }: Box) { return get; }`,
    ],
    [
      'a member of a type',
      `export type Box = { get: number };\nexport const f = (b: Box) => b.get;`,
      'Box.get',
      `export type Box = { read: number };\nexport const f = (b: Box) => b.read;`,
    ],
    [
      'a member of an enum',
      `export enum Op { get }\nexport const o = Op.get;`,
      'Op.get',
      `export enum Op { read }\nexport const o = Op.read;`,
    ],
    [
      'a member of an object',
      `export const api = { get: () => 1 };\napi.get();`,
      'api.get',
      `export const api = { read: () => 1 };\napi.read();`,
    ],
    [
      'a parameter property',
      `export class A { constructor(readonly get: number) {} twice() { return this.get * 2; } }`,
      'A.get',
      `export class A { constructor(readonly read: number) {} twice() { return this.read * 2; } }`,
    ],
    [
      'an attribute of a component',
      `declare namespace JSX { interface IntrinsicElements { b: {} } }\ninterface Props { get: number }\nfunction P(p: Props) { return <b />; }\nexport const x = <P get={1} />;`,
      'Props.get',
      `declare namespace JSX { interface IntrinsicElements { b: {} } }\ninterface Props { read: number }\nfunction P(p: Props) { return <b />; }\nexport const x = <P read={1} />;`,
    ],
  ])('works for %s', (_, before, from, after) => {
    expect(renamed(before, from, 'read')).toBe(after);
  });
});

describe('renaming in JavaScript', () => {
  it('follows CommonJS exports, and types in doc comments', () => {
    const { changed } = rename(
      {
        'api.js': `function fetchUser() {}\nmodule.exports = { fetchUser };\n`,
        'more.js': `const { fetchUser } = require('./api');\nexports.fetchUser = fetchUser;\n`,
        'use.js': `const { fetchUser } = require('./api');\nfetchUser();\n/** @type {typeof import('./api').fetchUser} */\nlet f;\n`,
      },
      'fetchUser',
      'loadUser',
    );

    expect(changed).toEqual({
      'api.js': `function loadUser() {}\nmodule.exports = { loadUser };\n`,
      'more.js': `const { loadUser } = require('./api');\nexports.loadUser = loadUser;\n`,
      'use.js': `const { loadUser } = require('./api');\nloadUser();\n/** @type {typeof import('./api').loadUser} */\nlet f;\n`,
    });
  });
});

describe('renaming across configurations', () => {
  const config = (more: object): string => JSON.stringify({ compilerOptions: { lib: ['es2015'], types: [] }, ...more });

  it('reaches tests that no configuration covers', () => {
    const { changed } = rename(
      {
        'tsconfig.json': config({ include: ['src'] }),
        'src/api.ts': API,
        'test/api.test.ts': `import { fetchUser } from '../src/api.js';\nfetchUser('1');\n`,
      },
      'fetchUser',
      'loadUser',
    );

    expect(changed['test/api.test.ts']).toBe(`import { loadUser } from '../src/api.js';\nloadUser('1');\n`);
  });

  it("reads paths of each project's own configuration, and packages of the repository without installing them", () => {
    const { changed } = rename(
      {
        'tsconfig.json': config({ files: [], references: [{ path: './packages/a' }, { path: './packages/b' }] }),
        'packages/a/tsconfig.json': config({ compilerOptions: { composite: true, outDir: 'dist' } }),
        'packages/a/package.json': JSON.stringify({
          name: '@org/a',
          main: './dist/index.js',
          exports: { '.': './dist/index.js', './api': { types: './dist/api.d.ts' } },
        }),
        'packages/a/src/index.ts': `export * from './api';\n`,
        'packages/a/src/api.ts': API,
        'packages/b/tsconfig.json': config({
          compilerOptions: { paths: { '~/*': ['./src/*'] }, lib: ['es2015'], types: [] },
        }),
        'packages/b/src/lib.ts': `export { fetchUser } from '@org/a';\n`,
        'packages/b/src/use.ts': `import { fetchUser } from '~/lib';\nimport { fetchUser as f } from '@org/a/api';\nfetchUser('1'); f('1');\n`,
      },
      'fetchUser',
      'loadUser',
    );

    expect(changed).toEqual({
      'packages/a/src/api.ts': NEW_API,
      'packages/b/src/lib.ts': `export { loadUser } from '@org/a';\n`,
      'packages/b/src/use.ts': `import { loadUser } from '~/lib';\nimport { loadUser as f } from '@org/a/api';\nloadUser('1'); f('1');\n`,
    });
  });

  it('works without any configuration, and leaves what builds made alone', () => {
    const texts = {
      'api.ts': API,
      'dist/api.js': `export function fetchUser() {}\n`,
      'app.min.js': `function fetchUser(){}`,
    };
    const files = new MemoryFiles(texts);

    const report = run(files, { from: 'fetchUser', to: 'loadUser' });

    expect(report).toMatchObject({ kind: 'change', files: ['api.ts'], places: 1 });
  });
});

describe('renaming changes nothing', () => {
  it('when it is done already', () => {
    const { report, changed } = rename({ 'api.ts': NEW_API }, 'fetchUser', 'loadUser');

    expect(report.kind).toBe('no_change');
    expect(changed).toEqual({});
  });

  it.each([
    [
      'nothing has that name',
      { 'api.ts': API },
      'fetchUsr',
      'x',
      /RENAME_NOT_FOUND.*fetchUsr.*Did you mean "fetchUser"\?/,
    ],
    [
      'no member has that name',
      { 'a.ts': `export class Store { get() {} }` },
      'Store.gat',
      'x',
      /RENAME_NOT_FOUND.*Did you mean "get"\?/,
    ],
    [
      'a package declares it',
      { 'a.ts': `import { useState } from 'react';\nuseState();` },
      'useState',
      'x',
      /RENAME_NOT_OURS.*"react"/,
    ],
    [
      'a library declares it',
      { 'a.ts': `export class E extends Error { message = ''; }` },
      'E.message',
      'x',
      /RENAME_NOT_OURS/,
    ],
    [
      'several files declare it',
      { 'a.ts': `export const x = 1;`, 'b.ts': `\nexport const x = 2;` },
      'x',
      'y',
      /RENAME_AMBIGUOUS.*a.ts:1, b.ts:2.*--param file=a.ts/,
    ],
    [
      'the new name is declared in the same module',
      { 'a.ts': `export const x = 1;\nconst y = 2;` },
      'x',
      'y',
      /RENAME_COLLISION.*a.ts:2/,
    ],
    [
      'the new name is imported where it is used',
      {
        'a.ts': `export const x = 1;`,
        'b.ts': `import { x } from './a';\nimport { y } from './c';\nx + y;`,
        'c.ts': `export const y = 1;`,
      },
      'x',
      'y',
      /RENAME_AMBIGUOUS|RENAME_COLLISION.*b.ts/,
    ],
    [
      'an inner variable would catch the new name',
      { 'a.ts': `export const x = 1;\nexport function f(y: number) { return x + y; }` },
      'x',
      'y',
      /RENAME_COLLISION.*a.ts:2/,
    ],
    [
      'the new name would catch a global',
      { 'a.ts': `export const x = 1;\nexport const m = Math.max(1, 2);` },
      'x',
      'Math',
      /RENAME_COLLISION.*a.ts:2/,
    ],
    [
      'a component would become an element',
      {
        'a.tsx': `declare namespace JSX { interface IntrinsicElements { b: {} } }\nfunction Panel() { return <b />; }\nexport const x = <Panel />;`,
      },
      'Panel',
      'b',
      /RENAME_COLLISION|RENAME_CHANGES/,
    ],
    [
      'two modules would export the name into one',
      {
        'a.ts': `export const x = 1;`,
        'b.ts': `export const z = 1;\nexport { z as y };`,
        'c.ts': `export * from './a';\nexport * from './b';`,
      },
      'x',
      'y',
      /RENAME_CHANGES_DIAGNOSTICS.*c.ts:2/,
    ],
    [
      'a string uses it',
      { 'a.ts': `export const x = 1;`, 'b.ts': `import * as a from './a';\nexport const key: keyof typeof a = 'x';` },
      'x',
      'y',
      /RENAME_CHANGES_DIAGNOSTICS.*b.ts:2/,
    ],
    [
      'another file learns of the string through types',
      {
        'a.ts': `export const x = 1;`,
        'b.ts': `import * as a from './a';\nexport type Key = keyof typeof a;\nexport const give = (k: Key) => k;`,
        'c.ts': `import { d } from './d';\nimport { give } from './b';\ngive(d);`,
        'd.ts': `export const d = 'x';`,
      },
      'x',
      'y',
      /RENAME_CHANGES_DIAGNOSTICS.*c.ts:3/,
    ],
    [
      'a type with equal members would differ',
      {
        'a.ts': `export interface A { get: number }`,
        'b.ts': `export class B { get = 1; }`,
        'c.ts': `import type { A } from './a';\nimport { B } from './b';\nexport const a: A = new B();`,
      },
      'A.get',
      'read',
      /RENAME_CHANGES_DIAGNOSTICS.*c.ts:3/,
    ],
  ] as const)('when %s', (_, texts, from, to, expected) => {
    const { report, changed } = rename(texts, from, to);

    expect(refusal(report)).toMatch(expected);
    expect(changed).toEqual({});
  });

  it('but works when told which file is meant', () => {
    const { report, changed } = rename(
      { 'a.ts': `export const x = 1;`, 'b.ts': `export const x = 2;\nx;` },
      'x',
      'y',
      './b.ts',
    );

    expect(report.kind).toBe('change');
    expect(changed).toEqual({ 'b.ts': `export const y = 2;\ny;` });
  });

  it('when the file that is named does not declare it', () => {
    const { report } = rename({ 'a.ts': API, 'b.ts': '' }, 'fetchUser', 'loadUser', './b.ts');

    expect(refusal(report)).toBe('RENAME_NOT_FOUND: b.ts does not declare `fetchUser` | It is declared at a.ts:1');
  });

  it('and faults that were there before do not matter', () => {
    const { report } = rename(
      { 'a.ts': `export const x: string = 1;\nmissing();\nx;\nimport 'nowhere';` },
      'x',
      'missin',
    );

    expect(refusal(report)).toBe('change');
  });
});

describe('the bytes of a renamed file', () => {
  it('keep byte order mark, line ends and letters outside ASCII', () => {
    const text = `\ufeffexport const größe = '😀';\r\n\tconst  o={größe} ; // größe 😀\r\n`;
    const files = new MemoryFiles({ 'tsconfig.json': CONFIG, 'a.ts': text });

    run(files, { from: 'größe', to: 'size' });

    expect(files.texts()['a.ts']).toBe(`\ufeffexport const size = '😀';\r\n\tconst  o={größe: size} ; // größe 😀\r\n`);
  });

  it('are never touched when they are not UTF-8', () => {
    const latin = Buffer.from(`import { x } from './a';\n// \xe9\nx;\n`, 'latin1');
    const files = new MemoryFiles({ 'tsconfig.json': CONFIG, 'a.ts': `export const x = 1;\n`, 'b.ts': latin });

    run(files, { from: 'x', to: 'y' });

    expect(Buffer.from(files.read('b.ts') ?? []).equals(latin)).toBe(true);
  });
});
