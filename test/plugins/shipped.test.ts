import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPlugin } from '#adapters/plugin-build/build.ts';
import { sha256 } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import { seededRandom } from '#kernel/random.ts';
import { readManifest } from '#plugins/manifest.ts';
import type { RunResult } from '#plugins/plugins.ts';
import { installation, SHIPPED, shippedPackage } from './shipped.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- outputs are looked at, not used
type Loose = any;
let place: Awaited<ReturnType<typeof installation>>;
const workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
beforeAll(async () => {
  place = await installation();
});
afterAll(async () => {
  await place.close();
  rmSync(workspace, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}
const read = (path: string): string => readFileSync(join(workspace, path), 'utf8');
async function output(id: string, input: Json): Promise<Loose> {
  const result = await place.run(id, input, workspace);
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.output;
}

test.each(['code-search', 'ast-codemod', 'json-schema-check'])(
  '%s builds to the very bytes that are shipped',
  async (name) => {
    const built = await buildPlugin(join(SHIPPED, name), readManifest(shippedPackage(name).manifest.toString()));

    expect(sha256(built.module)).toBe(sha256(shippedPackage(name).module));
  },
);

test('code-search finds literals, expressions and structure, ranks them and gives context', async () => {
  write('src/a.ts', '// uses loadUser here\nexport function loadUser(id: string) {\n  return id;\n}\n');
  write('src/deep/b.test.ts', 'const x = reloadUsers(1);\nloadUser(2);\n');

  const literal = await output('plugin.code-search', { pattern: 'loadUser', context: 1 });
  const regex = await output('plugin.code-search', { pattern: '^export\\s+function (\\w+)', mode: 'regex' });
  const ast = await output('plugin.code-search', { pattern: 'loadUser($A)', mode: 'ast' });
  const plain = await output('plugin.code-search', { pattern: 'LOADUSER(', ignoreCase: true });

  expect(literal.matches[0]).toMatchObject({
    path: 'src/a.ts',
    line: 2,
    column: 17,
    before: ['// uses loadUser here'],
    after: ['  return id;'],
  });
  expect(literal.matches).toHaveLength(4);
  expect(regex.matches).toMatchObject([{ path: 'src/a.ts', line: 2 }]);
  expect(ast.matches).toMatchObject([{ path: 'src/deep/b.test.ts', line: 2, column: 1 }]);
  expect(plain.total).toBe(2);
});

test('ast-codemod changes matches and imports only: marks, line ends and other bytes stay', async () => {
  const before =
    '\ufeffimport { old, keep } from \'lib\';\r\nimport x from "y";\r\n\r\nconst  a = old( 1,  /* é */ 2 );\r\nkeep(x) ;\r\n';
  write('mod/a.ts', before);
  write('mod/b.ts', 'untouched(1);\n');

  const out = await output('plugin.ast-codemod', {
    pattern: 'old($A, $B)',
    rewrite: 'fresh($B, $A)',
    glob: 'mod/**/*.ts',
    import: { name: 'fresh', from: 'lib2' },
    unimport: { name: 'old', from: 'lib' },
  });

  expect(out).toMatchObject({ files: 1, matches: 1 });
  expect(read('mod/a.ts')).toBe(
    "\ufeffimport { keep } from 'lib';\r\nimport x from \"y\";\r\nimport { fresh } from 'lib2';\r\n\r\nconst  a = fresh(2, 1);\r\nkeep(x) ;\r\n",
  );
  expect(read('mod/b.ts')).toBe('untouched(1);\n');
});

test('ast-codemod leaves every other byte of random files as it was', async () => {
  const random = seededRandom(11);
  const pieces = [
    'old(1)',
    'old(x, "é")',
    'keep( 2 ) ;',
    '// 😀 old',
    '"old(3)"',
    '\t',
    ' ',
    '\n',
    '\r\n',
    '\u00a0',
    'ä = 1;',
  ];
  const files = Array.from({ length: 40 }, (_, index) => {
    const parts = Array.from(
      { length: 30 },
      () => `${pieces[random.integer(pieces.length)] ?? ''}${random.integer(2) ? ';\r\n' : ';\n'}`,
    );
    const text = `${random.integer(2) ? '\ufeff' : ''}${parts.join('')}`;
    write(`random/${index}.ts`, text);
    return text;
  });

  await output('plugin.ast-codemod', { pattern: 'old($$$A)', rewrite: 'fresh()', glob: 'random/*.ts' });

  const call = /(?<!["\w ])old\((?:1|x, "é")\)/g; // neither in the string nor in the comment
  expect(files.map((_, index) => read(`random/${index}.ts`))).toEqual(
    files.map((text) => text.replace(call, 'fresh()')),
  );
});

test('ast-codemod writes no file when one of them cannot be written', async () => {
  write('all/a.ts', 'old(1);\n');
  write('all/b.ts', 'old(2);\n');
  write('all/b.ts.maestro-new', 'of someone else');

  const run = output('plugin.ast-codemod', { pattern: 'old($A)', rewrite: 'fresh($A)', glob: 'all/*.ts' });

  await expect(run).rejects.toMatchObject({ code: 'WORKSPACE_CHANGED' });
  expect([read('all/a.ts'), read('all/b.ts'), read('all/b.ts.maestro-new')]).toEqual([
    'old(1);\n',
    'old(2);\n',
    'of someone else',
  ]);
});

test.each([
  ['plugin.code-search', { pattern: 'same($A)', mode: 'ast', glob: 'same/*.ts' }],
  ['plugin.ast-codemod', { pattern: 'none($A)', rewrite: 'other($A)', glob: 'same/*.ts' }],
  ['plugin.json-schema-check', { schema: { type: 'object' }, glob: 'same/*.json' }],
])('two runs of %s on the same input give the same output for the same fuel', async (id, input) => {
  write('same/a.ts', 'same(1);\nsame(2);\n');
  write('same/a.json', '{"a": 1}');

  const [first, second] = [await place.run(id, input, workspace), await place.run(id, input, workspace)];

  const seen = (result: RunResult) => result.ok && { ...result, meters: { ...result.meters, wallMs: 0 } };
  expect(seen(first)).toMatchObject({ ok: true });
  expect(seen(first)).toEqual(seen(second));
});

test('ast-codemod adds a name to an import that is there, and an import where there is none', async () => {
  write('imp/a.ts', "import { one } from 'lib2';\nold(1);\n");
  write('imp/b.ts', '#!/usr/bin/env node\n// licence\nold(1);');

  await output('plugin.ast-codemod', {
    pattern: 'old($A)',
    rewrite: 'fresh($A)',
    glob: 'imp/*.ts',
    import: { name: 'fresh', from: 'lib2' },
  });

  expect(read('imp/a.ts')).toBe("import { one, fresh } from 'lib2';\nfresh(1);\n");
  expect(read('imp/b.ts')).toBe("#!/usr/bin/env node\n// licence\nimport { fresh } from 'lib2';\nfresh(1);");
});

test('ast-codemod swaps one name for another of the same import, and takes an alias as a whole', async () => {
  write('swap/a.ts', "\ufeffimport { old, keep } from 'lib';\r\nold(1), keep;\r\n");
  write('swap/b.ts', "import { a, x as old } from 'lib';\nold(1), a;\n");
  write('swap/c.ts', "import { old } from 'lib';\nold(1); const again = old;\n");
  const names = { import: { name: 'fresh', from: 'lib' }, unimport: { name: 'old', from: 'lib' } };

  await output('plugin.ast-codemod', { pattern: 'old($A)', rewrite: 'fresh($A)', glob: 'swap/*.ts', ...names });
  write('swap/d.ts', "import { a, x as gone } from 'lib';\ngone(1), a;\n");
  await output('plugin.ast-codemod', {
    pattern: 'gone($A)',
    rewrite: 'a($A)',
    glob: 'swap/d.ts',
    unimport: { name: 'gone', from: 'lib' },
  });

  expect(read('swap/a.ts')).toBe("\ufeffimport { fresh, keep } from 'lib';\r\nfresh(1), keep;\r\n");
  expect(read('swap/b.ts')).toBe("import { a, fresh } from 'lib';\nfresh(1), a;\n");
  expect(read('swap/c.ts')).toBe("import { old, fresh } from 'lib';\nfresh(1); const again = old;\n");
  expect(read('swap/d.ts')).toBe("import { a } from 'lib';\na(1), a;\n");
});

test('json-schema-check names file, pointer, line and column in JSON and YAML', async () => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: { port: { type: 'integer' }, tags: { items: { pattern: '^[a-z]+$' } } },
  };
  write('conf/a.json', '{\n  "port": "x",\n  "tags": ["ok", "No"]\n}');
  write('conf/b.yaml', '# comment\nname: "q"\nport: 8080\ntags:\n- ok\n- {a: 1}\ntext: |\n  two\n  lines\n');
  write('conf/c.yml', 'name: &x 1\n');
  write('conf/d.json', '{"name": 1,}');

  const out = await output('plugin.json-schema-check', { schema, glob: 'conf/*' });

  expect(out.results).toMatchObject([
    { path: 'conf/a.json', valid: false },
    { path: 'conf/b.yaml', valid: true, errors: [] },
    { path: 'conf/c.yml', valid: false, errors: [{ keyword: 'syntax', line: 1, column: 7 }] },
    { path: 'conf/d.json', valid: false, errors: [{ keyword: 'syntax', line: 1, column: 12 }] },
  ]);
  expect(out.results[0].errors).toMatchObject([
    { keyword: 'required', pointer: '', line: 1, column: 1 },
    { keyword: 'type', pointer: '/port', line: 2, column: 11 },
    { keyword: 'pattern', pointer: '/tags/1', line: 3, column: 18 },
  ]);
});

test('json-schema-check passes the required part of the official suite for 2020-12', async () => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'json-schema-2020-12');
  const remotes: { [uri: string]: Json } = {};
  const remoteFolder = join(folder, 'remotes', 'draft2020-12');
  for (const file of readdirSync(remoteFolder, { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.endsWith('.json'),
  ))
    remotes[`http://localhost:1234/draft2020-12/${file}`] = JSON.parse(readFileSync(join(remoteFolder, file), 'utf8'));
  const wrong: string[] = [];
  let total = 0;

  for (const file of readdirSync(join(folder, 'tests'))) {
    for (const group of JSON.parse(readFileSync(join(folder, 'tests', file), 'utf8'))) {
      const instances = group.tests.map((each: Loose) => each.data);
      const out = await output('plugin.json-schema-check', { schema: group.schema, remotes, instances });
      for (const [index, each] of group.tests.entries()) {
        total++;
        const result = out.results[index];
        if (result.valid !== each.valid || result.broken !== undefined)
          wrong.push(`${file}: ${group.description}: ${each.description}`);
      }
    }
  }

  console.log(`JSON-Schema-Test-Suite 2020-12, required: ${total - wrong.length} of ${total}`);
  expect(wrong).toEqual([]);
  expect(total).toBeGreaterThan(1200);
});
