import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse } from '#app/open.ts';
import { callPlugin } from '#app/plugin/call.ts';
import { person } from '#app/governance/principals.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { sha256 } from '#kernel/digest.ts';
import { json, maestro, repository, scratch } from '../e2e/maestro.ts';
import { shippedPackage } from './shipped.ts';

const folder = scratch();
const data = join(folder.dir, 'data');
const TENANT = ['--tenant', 'atlas'];

beforeAll(async () => {
  const repo = await repository(join(folder.dir, 'app'), {
    'package.json': '{"name": "app", "type": "module", "scripts": {"test": "node --test"}}\n',
    'src/log.js': '\ufeffexport const log = (x) => x;\r\nexport const print = (x) => x;\r\n',
    'src/a.js': "import { log } from './log.js';\r\n\r\nexport const  a = log( 1 ) ; // é\r\n",
    'a.test.js':
      "import test from 'node:test';\nimport assert from 'node:assert';\nimport { a } from './src/a.js';\ntest('a', () => assert.equal(a, 1));\n",
  });
  await json(data, ['tenant', 'add', 'atlas']);
  await json(data, ['repo', 'add', ...TENANT, repo]);
});
afterAll(() => folder[Symbol.dispose]());

interface Submitted {
  readonly task: string;
  readonly state: string;
  readonly reasons?: readonly { readonly code: string }[];
}

const submit = (id: string, input: object): Promise<Submitted> =>
  json(data, [
    ...['submit', ...TENANT, '--repo', 'app', '--recipe', 'plugin', '--wait'],
    ...['--param', `id=${id}`, '--param', `input=${JSON.stringify(input)}`],
  ]);

test("a plugin's edits land, and the evidence names its bytes, SBOM, rights and walls", async () => {
  const imports = { import: { name: 'print', from: './log.js' }, unimport: { name: 'log', from: './log.js' } };
  const landed = await submit('plugin.ast-codemod', {
    pattern: 'log($A)',
    rewrite: 'print($A)',
    glob: 'src/a.js',
    ...imports,
  });
  expect(landed.reasons).toEqual([]);
  expect(landed).toMatchObject({ state: 'landed' });

  const out = join(folder.dir, 'evidence');
  await json(data, ['evidence', 'export', landed.task, '--out', out]);
  expect(await json(data, ['evidence', 'verify', out])).toMatchObject({ ok: true });
  const bundle = JSON.parse(readFileSync(join(out, 'plugins.sigstore.json'), 'utf8'));
  const { predicate } = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
  const shipped = shippedPackage('ast-codemod');
  expect(predicate.plugins).toMatchObject([
    {
      id: 'plugin.ast-codemod',
      digests: { module: sha256(shipped.module), sbom: sha256(shipped.sbom) },
      sbom: Buffer.from(shipped.sbom).toString(),
      granted: expect.arrayContaining(['fs_edit **', 'ast']),
      calls: 1,
      edited: ['src/a.js'],
    },
  ]);
  const provenance = JSON.parse(readFileSync(join(out, 'provenance.sigstore.json'), 'utf8'));
  expect(Buffer.from(provenance.dsseEnvelope.payload, 'base64').toString()).toContain(
    `"name":"plugin:plugin.ast-codemod"`,
  );
  expect(readFileSync(join(out, 'patch.bin'), 'utf8')).toContain('+export const  a = print(1) ; // é\r\n');
}, 60_000);

test('a plugin that only looks makes no change, and one that the tenant lacks fails by its code', async () => {
  const looked = await submit('plugin.code-search', { pattern: 'print', glob: 'src/*.js' });
  const lacking = await submit('acme.nothing', {});

  expect(looked).toMatchObject({ state: 'no_change' });
  expect(lacking).toMatchObject({ state: 'failed', reasons: [{ code: 'NOT_INSTALLED' }] });
}, 60_000);

test('a tenant that policy keeps from a plugin has it neither listed nor loaded', async () => {
  await json(data, ['tenant', 'add', 'closed', '--plugins', 'plugin.code-search']);

  const list = await json<{ id: string }[]>(data, ['plugin', 'list', '--tenant', 'closed']);

  expect(list.map(({ id }) => id)).toEqual(['plugin.code-search']);
});

test('while the policy engine is down nothing loads, and the reason says so', async () => {
  const server = createServer((_, response) => void response.writeHead(500).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const down = { MAESTRO_ENGINE_POLICY: 'opa-server', MAESTRO_ENGINE_OPA_URL: `http://127.0.0.1:${port}` };
  mkdirSync(join(folder.dir, 'w'));
  writeFileSync(join(folder.dir, 'input.json'), '{"pattern": "x"}');

  const run = ['plugin', 'run', 'plugin.code-search', ...TENANT, '--input', join(folder.dir, 'input.json'), '--json'];
  const { code, stdout } = await maestro(data, run, down);
  server.close();

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, reasons: [{ field: expect.any(String) }] });
  expect(JSON.parse(stdout).code).toMatch(/^POLICY_/);
  await using house = await openHouse({ dataDir: data });
  const caller = { tenant: await getTenant(house, 'atlas'), principal: person('ada') };
  const { signal } = new AbortController();
  const up = await callPlugin(
    house,
    caller,
    { id: 'plugin.code-search', input: { pattern: 'x' }, workspace: null },
    signal,
  );
  expect(up).toMatchObject({ ok: true });
  rmSync(join(folder.dir, 'w'), { recursive: true });
});
