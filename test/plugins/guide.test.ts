import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { buildInto, newPlugin, profileFolder, signFolder } from '#app/plugin/author.ts';
import {
  installPlugin,
  installShipped,
  publishFolder,
  runPlugin,
  searchStore,
  verifyFolder,
} from '#app/plugin/market.ts';
import { openPlugins, type PluginHouse } from '#app/plugin/open.ts';
import { distrustPublisher, trustPublisher } from '#app/plugin/trust.ts';
import type { TenantId } from '#domain/ids.ts';
import { systemClock } from '#kernel/clock.ts';
import { systemRandom } from '#kernel/random.ts';
import { builtinPolicy, type ScaffoldLanguage } from '#plugins/index.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'plugins.md'), 'utf8');

/** What each command of the guide does, by the functions that the command line calls. */
async function runCommand(line: string, folder: string, house: PluginHouse): Promise<unknown> {
  const [, , verb = '', ...args] = line.split(' ');
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: Object.fromEntries(
      ['language', 'name', 'publisher', 'input', 'key', 'namespace', 'tenant']
        .map((name) => [name, { type: 'string' as const }])
        .concat([['yes', { type: 'boolean' as const }]] as never),
    ) as { [name: string]: { type: 'string' } },
  });
  const [first = ''] = positionals;
  const path = (value: string | undefined): string => join(folder, value ?? '');
  const tenant = (values['tenant'] ?? '') as TenantId;
  const trust = { state: house.state, root: house.root, clock: systemClock };
  const commands: { readonly [verb: string]: () => Promise<unknown> } = {
    new: () =>
      newPlugin({
        folder: path(first),
        language: values['language'] as ScaffoldLanguage,
        name: values['name'] ?? '',
        publisher: values['publisher'] ?? '',
      }),
    build: () => buildInto(path(first)),
    profile: () => profileFolder(house.runner, path(first), path(values['input']), null),
    sign: () => signFolder(path(first), path(values['key']), systemRandom),
    trust: () =>
      trustPublisher(trust, {
        name: first,
        namespace: values['namespace'] ?? '',
        pem: readFileSync(path(values['key']), 'utf8'),
      }),
    distrust: () => distrustPublisher(trust, first),
    verify: () => verifyFolder(house, path(first)),
    publish: () => publishFolder(house, path(first)),
    search: () => searchStore(house, first),
    install: () => installPlugin(house, { tenant, reference: first, by: 'human:ada' }, async () => true),
    list: () => house.plugins.list(tenant),
    run: () =>
      runPlugin(
        house,
        { tenant, id: first, input: JSON.parse(readFileSync(path(values['input']), 'utf8')), repo: null },
        new AbortController().signal,
      ),
  };
  const command = commands[verb];
  if (command === undefined) throw new Error(`the guide has an unknown command: ${line}`);
  return command();
}

test('every command of the author guide works in order, in less than ten minutes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guide-'));
  const home = { dataDir: join(folder, '.maestro'), policy: builtinPolicy(), clock: systemClock, random: systemRandom };
  const lines = [...GUIDE.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
  const started = Date.now();
  await using house = await openPlugins(home);
  const answers = new Map<string, unknown>();

  for (const line of lines) answers.set(line.split(' ')[2] ?? '', await runCommand(line, folder, house));

  expect(Date.now() - started).toBeLessThan(600_000);
  expect(answers.get('build')).toMatchObject({ reasons: [] });
  expect(answers.get('profile')).toMatchObject({ output: '{"words":3}' });
  expect(answers.get('verify')).toMatchObject({ ok: true });
  expect(answers.get('search')).toMatchObject([{ name: 'acme.word-count' }]);
  expect(answers.get('run')).toMatchObject({ ok: true, output: { words: 3 } });
  expect(await verifyFolder(house, join(folder, 'word-count'))).toMatchObject({
    ok: false,
    reasons: [{ code: 'KEY_REVOKED' }],
  });
  rmSync(folder, { recursive: true });
});

test('the shipped plugins install for a tenant in a fresh place, twice as once, and run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fresh-'));
  const home = { dataDir: folder, policy: builtinPolicy(), clock: systemClock, random: systemRandom };
  await using house = await openPlugins(home);
  const tenant = 'atlas' as TenantId;

  await installShipped(house, tenant, 'service:setup');
  await installShipped(house, tenant, 'service:setup');

  expect((await house.plugins.list(tenant)).map(({ id }) => id)).toEqual([
    'plugin.ast-codemod',
    'plugin.code-search',
    'plugin.json-schema-check',
  ]);
  const found = await runPlugin(
    house,
    {
      tenant,
      id: 'plugin.code-search',
      input: { pattern: 'runCommand', glob: '*.ts' },
      repo: dirname(import.meta.filename),
    },
    new AbortController().signal,
  );
  expect(found).toMatchObject({
    ok: true,
    output: { matches: expect.arrayContaining([expect.objectContaining({ path: 'guide.test.ts' })]) },
  });
  rmSync(folder, { recursive: true });
});
