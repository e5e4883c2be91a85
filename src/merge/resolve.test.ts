import { describe, expect, it } from 'vitest';
import type { ConflictedFile, LineMerger } from './ports.ts';
import { resolveFile } from './resolve.ts';

/** Git's answer for every file of these tests: a conflict, as long as the sides differ. */
const conflicting: LineMerger = {
  merge: ({ base, ours, theirs }) => {
    if (ours === theirs || theirs === base) return Promise.resolve({ clean: true, text: ours });
    if (ours === base) return Promise.resolve({ clean: true, text: theirs });
    const text = `<<<<<<< ours\n${ours}||||||| base\n${base}=======\n${theirs}>>>>>>> theirs\n`;
    return Promise.resolve({ clean: false, text });
  },
};

function merge(path: string, base: string, ours: string, theirs: string) {
  return resolveFile({ path, base, ours, theirs } satisfies ConflictedFile, conflicting);
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

describe('resolveFile', () => {
  it('keeps the bytes of git where git merges by itself', async () => {
    const text = lines('const a   = 1;', '', "const b='x'");

    const merged = await merge('a.ts', text, `${text}c();\n`, text);

    expect(merged).toMatchObject({
      status: 'resolved',
      text: `${text}c();\n`,
      tier: 'auto',
      rule: 'git',
      confidence: 1,
    });
  });

  it('keeps two functions that both sides added at one place', async () => {
    const base = lines('export const a = 1;');

    const merged = await merge(
      'a.ts',
      base,
      `${base}\nfunction one() {\n  return 1;\n}\n`,
      `${base}\nfunction two() {\n  return 2;\n}\n`,
    );

    expect(merged).toMatchObject({ status: 'resolved', rule: 'both-added' });
    expect(merged.text).toBe(`${base}\nfunction one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n`);
  });

  it('merges imports as a set of names and drops what nothing uses any more', async () => {
    const merged = await merge(
      'a.ts',
      lines("import { a, b } from './x';", '', 'a();', 'b();'),
      lines("import { a, b, c } from './x';", '', 'a();', 'b();', 'c();'),
      lines("import { a } from './x';", "import { d } from './d';", '', 'a();', 'd();'),
    );

    expect(merged.text).toBe(
      lines("import { a, c } from './x';", "import { d } from './d';", '', 'a();', 'd();', 'c();'),
    );
  });

  it('applies the rename of one side to the new code of the other', async () => {
    const merged = await merge(
      'a.ts',
      lines('function fetchUser(id: string) {', '  return id;', '}', 'fetchUser("1");'),
      lines('function loadUser(id: string) {', '  return id;', '}', 'loadUser("1");'),
      lines('function fetchUser(id: string) {', '  return id;', '}', 'fetchUser("1");', 'const all = { fetchUser };'),
    );

    expect(merged).toMatchObject({ status: 'resolved' });
    expect(merged.text).toContain('const all = { fetchUser: loadUser };');
    expect(merged.record.gates.every((gate) => gate.ok)).toBe(true);
  });

  it.each([
    {
      what: 'a name that another module exports',
      base: ["import { fetchUser } from './api';", 'fetchUser(1);'],
      ours: ["import { loadUser } from './api';", 'loadUser(1);'],
      theirs: ["import { fetchUser } from './api';", 'fetchUser(1);', 'const all = { fetchUser };'],
      merged: ["import { loadUser } from './api';", 'loadUser(1);', 'const all = { fetchUser: loadUser };'],
    },
    {
      what: 'the name that an import has here',
      base: ["import { a as first } from './api';", 'first(1);'],
      ours: ["import { a as one } from './api';", 'one(1);'],
      theirs: ["import { a as first } from './api';", 'first(1);', 'first(2);'],
      merged: ["import { a as one } from './api';", 'one(1);', 'one(2);'],
    },
    {
      what: 'a method that the class itself calls',
      base: ['class A {', '  get(a) { return a; }', '  use() { this.get(1); }', '}'],
      ours: ['class A {', '  load(a) { return a; }', '  use() { this.load(1); }', '}'],
      theirs: ['class A {', '  get(a) { return a; }', '  use() { this.get(1); this.get(2); }', '}'],
      merged: ['class A {', '  load(a) { return a; }', '  use() { this.load(1); this.load(2); }', '}'],
    },
    {
      what: 'a parameter',
      base: ['function f(a) {', '  g(a);', '}'],
      ours: ['function f(user) {', '  g(user);', '}'],
      theirs: ['function f(a) {', '  g(a, a.id);', '}'],
      merged: ['function f(user) {', '  g(user, user.id);', '}'],
    },
  ])('follows a rename of $what', async ({ base, ours, theirs, merged }) => {
    const forth = await merge('a.ts', lines(...base), lines(...ours), lines(...theirs));
    const back = await merge('a.ts', lines(...base), lines(...theirs), lines(...ours));

    expect(forth).toMatchObject({ status: 'resolved', rule: 'rename', text: lines(...merged) });
    expect(back.text).toBe(forth.text);
  });

  it.each([
    ['one name in two scopes', 'function f(x) { return x; }\nfunction g(x) { return x; }\n', 'x', 'y'],
    ['a name that the other side took for something else', 'const a = 1;\nuse(a);\n', 'a', 'b'],
  ])('does not guess a rename of %s', async (_, base, from, to) => {
    const ours = base.replace(new RegExp(`\\b${from}\\b`, 'g'), to);
    const theirs = base.replace(/\n$/, `\nconst ${to} = ${from};\nuse(${to}, ${from});\n`);

    expect((await merge('a.js', base, ours, theirs)).rule).not.toBe('rename');
  });

  it('stops where a member is used that the other side renamed away', async () => {
    const source = (name: string, more: string): string =>
      lines('class A {', `  ${name}() {}`, `  use() { ${more} }`, '}');

    const merged = await merge('a.js', source('get', ''), source('load', ''), source('get', 'this.get();'));

    expect(merged.text).not.toMatch(/load\(\) \{\}\n.*this\.get\(\)/);
  });

  it('takes formatting from one side and the edit from the other', async () => {
    const merged = await merge('a.ts', 'call(a, b)\n', 'call(\n  a,\n  b,\n);\n', 'call(a, c)\n');

    expect(merged.status).toBe('resolved');
    expect(merged.text.replace(/\s/g, '')).toBe('call(a,c,);');
  });

  it('leaves the same token changed by both sides, with the entity in the marker', async () => {
    const source = (body: string, tail: string): string => lines('function load() {', `  return ${body};`, '}', tail);

    const merged = await merge('a.ts', source('1', 'a();'), source('2', 'a(1);'), source('3', 'a();'));

    expect(merged).toMatchObject({ status: 'conflict', tier: 'leave' });
    expect(merged.reasons[0]).toContain('function load');
  });

  it('leaves an edit of what the other side deleted', async () => {
    const base = lines('const keep = 1;', 'function gone() {', '  return 1;', '}');

    const merged = await merge('a.ts', base, lines('const keep = 1;'), base.replace('return 1', 'return 2'));

    expect(merged).toMatchObject({ status: 'conflict', tier: 'leave' });
  });

  it('leaves two arguments that both sides added: their order is their meaning', async () => {
    const merged = await merge('a.ts', 'call(a);\n', 'call(a, b);\n', 'call(a, c);\n');

    expect(merged.status).toBe('conflict');
  });

  it('proposes both branches that the sides added to one if chain', async () => {
    const chain = (branch: string): string =>
      lines('if (kind === "a") {', '  a();', `}${branch} else {`, '  rest();', '}');
    const branch = (name: string): string => ` else if (kind === "${name}") {\n  ${name}();\n}`;

    const merged = await merge('a.ts', chain(''), chain(branch('b')), chain(branch('c')));

    expect(merged).toMatchObject({ status: 'resolved', tier: 'suggest', rule: 'both-inserted' });
    expect(merged.text).toBe(chain(branch('b') + branch('c')));
  });

  it('proposes elements that both sides added to an array, by the alphabet where it is kept by it', async () => {
    const array = (...names: readonly string[]): string =>
      lines('export const all = [', ...names.map((name) => `  '${name}',`), '];');

    const merged = await merge('a.ts', array('a', 'b', 'e'), array('a', 'b', 'd', 'e'), array('a', 'b', 'c', 'e'));

    expect(merged).toMatchObject({ tier: 'suggest', text: array('a', 'b', 'c', 'd', 'e') });
  });

  it('leaves a token that both sides rewrote, also where one rewriting includes the other', async () => {
    const merged = await merge('a.ts', 'call(one);\n', 'call(two);\n', 'call(two + three);\n');

    expect(merged.status).toBe('conflict');
  });

  it('gives the record its digests, gates and rule', async () => {
    const merged = await merge('a.ts', 'interface A {}\n', 'interface A { a: 1 }\n', 'interface A { b: 2 }\n');

    expect(merged.record).toMatchObject({ path: 'a.ts', language: 'typescript', rule: 'both-added', tier: 'auto' });
    expect(merged.record.digests.merged).toMatch(/^[0-9a-f]{64}$/);
    expect(merged.record.gates.map((gate) => gate.gate)).toContain('nothing lost or doubled');
  });

  it('regenerates lock files instead of merging them', async () => {
    const merged = await merge('web/package-lock.json', '{"a":1}\n', '{"a":1,"b":2}\n', '{"a":1,"c":3}\n');

    expect(merged).toMatchObject({ status: 'conflict', tier: 'leave' });
    expect(merged.reasons[0]).toContain('run `npm install --package-lock-only`');
  });

  it('falls back to the lines of git where a version has a syntax error', async () => {
    const merged = await merge('a.ts', 'const a = 1;\n', 'const a = ;\n', 'const a = 2;\n');

    expect(merged).toMatchObject({ status: 'conflict', tier: 'leave' });
    expect(merged.text).toContain('<<<<<<< ours');
  });

  it('keeps CRLF line ends and the byte order mark', async () => {
    const crlf = (text: string): string => `\uFEFF${text.replaceAll('\n', '\r\n')}`;

    const merged = await merge(
      'a.ts',
      crlf('interface A {\n}\n'),
      crlf('interface A {\n  a: 1;\n}\n'),
      crlf('interface A {\n  b: 2;\n}\n'),
    );

    expect(merged.text).toBe(crlf('interface A {\n  a: 1;\n  b: 2;\n}\n'));
  });
});

describe('a merge inside a tree', () => {
  const base = lines("import { a } from './a.ts';", '', 'a();');
  const ours = lines("import { a } from './a.ts';", "import { b } from './b.ts';", '', 'a();', 'b();');
  const theirs = lines("import { a } from './a.ts';", "import { c } from './c.ts';", '', 'a();', 'c();');
  const treeWith = (...paths: readonly string[]) => ({ has: (path: string) => Promise.resolve(paths.includes(path)) });

  it('stops where an import leads nowhere because the other side moved the file', async () => {
    const file = { path: 'src/main.ts', base, ours: ours.replace('\nb();', ''), theirs };

    const merged = await resolveFile(file, conflicting, { tree: treeWith('src/a.ts', 'src/b.ts') });

    expect(merged).toMatchObject({ status: 'conflict', tier: 'leave' });
    expect(merged.reasons[0]).toContain('./c.ts');
  });

  it('goes on where all of them lead somewhere', async () => {
    const file = { path: 'src/main.ts', base, ours, theirs: theirs.replace('\nc();', '').replace('a();', 'a(c);') };

    const merged = await resolveFile(file, conflicting, { tree: treeWith('src/a.ts', 'src/b.ts', 'src/c.ts') });

    expect(merged.status).toBe('resolved');
  });
});

describe('failures known from other tools', () => {
  it('does not drop an assignment that only theirs has', async () => {
    const merged = await merge('a.js', 'let a;\n', 'let a;\nb = 1;\n', 'let a;\nc = 2;\n');

    expect(merged.text).toContain('b = 1;');
    expect(merged.text).toContain('c = 2;');
  });

  it('does not add one function name twice', async () => {
    const merged = await merge(
      'a.ts',
      'a();\n',
      'a();\nfunction f() { return 1; }\n',
      'a();\nfunction f() { return 2; }\n',
    );

    expect(merged.status).toBe('conflict');
  });

  it('does not write invalid JSON where the base is empty', async () => {
    const merged = await merge('a.json', '', '{"a": 1}\n', '{"b": 2}\n');

    expect(merged.status).toBe('conflict');
  });

  it('does not write a JSON key twice', async () => {
    const merged = await merge(
      'a.json',
      '{\n  "a": 1\n}\n',
      '{\n  "a": 1,\n  "k": 1\n}\n',
      '{\n  "a": 1,\n  "k": 2\n}\n',
    );

    expect(merged.status).toBe('conflict');
  });

  it('does not delete silently what the other side edited', async () => {
    const merged = await merge(
      'a.json',
      '{\n  "a": 1,\n  "b": 2\n}\n',
      '{\n  "a": 1\n}\n',
      '{\n  "a": 1,\n  "b": 3\n}\n',
    );

    expect(merged.status).toBe('conflict');
  });

  it('does not double a licence above the first statement', async () => {
    const licence = '/* Licence: all may read this. */\n';

    const merged = await merge(
      'a.ts',
      'class A {}\n',
      `${licence}class A {}\n`,
      'class Base {}\nclass A extends Base {}\n',
    );

    expect(merged.text).toBe(`${licence}class Base {}\nclass A extends Base {}\n`);
  });
});

describe('other languages', () => {
  it('merges package.json by key and takes the higher of two raised versions', async () => {
    const manifest = (version: string, extra: string): string =>
      `{\n  "version": "${version}",\n  "files": [${extra}]\n}\n`;

    const merged = await merge(
      'package.json',
      manifest('1.0.0', '"a"'),
      manifest('1.1.0', '"a", "b"'),
      manifest('1.0.1', '"a", "c"'),
    );

    expect(JSON.parse(merged.text)).toEqual({ version: '1.1.0', files: ['a', 'b', 'c'] });
  });

  it('keeps comments of JSON with comments', async () => {
    const merged = await merge(
      'tsconfig.json',
      '{\n  // why\n  "a": 1\n}\n',
      '{\n  // why\n  "a": 1,\n  "b": 2\n}\n',
      '{\n  // why\n  "a": 1,\n  "c": 3 // new\n}\n',
    );

    expect(merged.text).toBe('{\n  // why\n  "a": 1,\n  "b": 2,\n  "c": 3 // new\n}\n');
  });

  it('merges YAML by key', async () => {
    const merged = await merge(
      'ci.yml',
      'on: push\njobs:\n  a: 1\n',
      'on: push\njobs:\n  a: 1\n  b: 2\n',
      'on: push\njobs:\n  a: 1\n  c:\n    - x\n',
    );

    expect(merged.text).toBe('on: push\njobs:\n  a: 1\n  b: 2\n  c:\n    - x\n');
  });

  it('merges the front matter of Markdown by key', async () => {
    const page = (matter: string): string => `---\ntitle: A\n${matter}---\n\n# A\n`;

    const merged = await merge('a.md', page(''), page('tags: x\n'), page('draft: true\n'));

    expect(merged.text).toBe(page('tags: x\ndraft: true\n'));
  });
});
