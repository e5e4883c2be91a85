import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPlugin } from '#adapters/plugin-build/build.ts';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { ABI } from '#domain/plugin-abi.ts';
import type { CallReport, Limits } from '#plugins/ports.ts';
import { DEFAULT_LIMITS } from '#plugins/permissions.ts';
import { SHIPPED } from './shipped.ts';
import { admitted } from './wat.ts';

const folder = mkdtempSync(join(tmpdir(), 'script-'));
const runner = new ConfinedPluginRunner({ workers: 1, bwrap: findBwrap() });
const RIGHTS = { fs_read: ['data/**'], fs_edit: [], regex: true, ast: true, log: true, kv: true };
/** What a plugin does is chosen by its input, so that one build serves all. */
const SOURCE = `import { double } from './more.ts';
type Input = { what: string };
const grow = () => { const kept: unknown[] = []; for (;;) kept.push(new Uint8Array(1 << 20)); };
const deep = (n: number): number => 1 + deep(n + 1);
const TASKS: { [what: string]: () => unknown } = {
  double: () => double(21),
  world: () => [maestro.host.now(), Date.now(), Math.random(), maestro.host.random()],
  files: () => maestro.fs.list('data/*').map((path) => [path, maestro.fs.readText(path)]),
  outside: () => maestro.fs.readText('../secret'),
  find: () => maestro.text.find('[a-z]+', 'ab é cd'),
  rewrite: () => maestro.ast.rewrite('ts', 'f(1); f(2)', 'f($A)', 'g($A)'),
  kv: () => { maestro.kv.set('k', 'välue'); return [maestro.host.decode(maestro.kv.get('k')!), maestro.kv.get('x') ?? null]; },
  log: () => maestro.log.write('warn', 'héllo'),
  spin: () => { for (;;); },
  grow: () => { try { grow(); } catch { grow(); } },
  deep: () => { try { return deep(0); } catch (error) { return String(error); } },
  escape: () => [typeof (globalThis as any).__maestro, typeof (globalThis as any).process, typeof (globalThis as any).std],
};
export const run = ({ what }: Input): unknown => TASKS[what]!();
`;
let module: Uint8Array;

beforeAll(async () => {
  const place = join(folder, 'plugin');
  mkdirSync(join(place, 'src'), { recursive: true });
  mkdirSync(join(folder, 'work', 'data'), { recursive: true });
  writeFileSync(join(folder, 'work', 'data', 'a.txt'), 'grüße');
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(place, 'src', 'plugin.ts'), SOURCE);
  writeFileSync(join(place, 'src', 'more.ts'), 'export const double = (x: number): number => 2 * x;\n');
  ({ module } = await buildPlugin(place, { permissions: RIGHTS, output: 'json' }));
}, 60_000);
afterAll(async () => {
  await runner.close();
  rmSync(folder, { recursive: true });
});

function call(what: string, limits: Partial<Limits> = {}): Promise<CallReport> {
  return runner.call(
    {
      module: admitted(module, RIGHTS, DEFAULT_LIMITS),
      input: Buffer.from(JSON.stringify({ what })),
      root: join(folder, 'work'),
      permissions: RIGHTS,
      limits: { ...DEFAULT_LIMITS, ...limits },
      seed: 1,
      startMs: 0,
    },
    new AbortController().signal,
  );
}

async function output(what: string): Promise<unknown> {
  const report = await call(what);
  if (!report.ok) throw new Error(JSON.stringify(report));
  return JSON.parse(Buffer.from(report.output).toString());
}

test('a plugin in TypeScript has the interfaces of the WIT file, which are those of core modules', async () => {
  const wit = readFileSync(join(SHIPPED, 'sdk', 'maestro.wit'), 'utf8');
  const described = [...wit.matchAll(/^interface (\w+) \{([\s\S]*?)^\}/gm)].map(
    ([, name = '', body = '']) => [name, [...body.matchAll(/^ {2}(\w+): func/gm)].map(([, one]) => one)] as const,
  );
  const declared = [...ABI].map(
    ([namespace, functions]) =>
      [
        /^maestro:(\w+)@1$/.exec(namespace)?.[1] ?? '',
        [...functions.keys()].filter((name) => name !== 'take'),
      ] as const,
  );

  expect(described.filter(([name]) => name !== 'types')).toEqual(declared);
  const types = readFileSync(join(SHIPPED, 'sdk', 'typescript', 'maestro.d.ts'), 'utf8').split('namespace ');
  for (const [name, functions] of declared) {
    const part = types.find((text) => text.startsWith(`${name} {`)) ?? '';
    for (const each of functions) expect(part, `${name}.${each}`).toContain(`function ${each}(`);
  }
});

test('it computes, reads what it was granted, and reaches engines through the host', async () => {
  expect(await output('double')).toBe(42);
  expect(await output('files')).toEqual([['data/a.txt', 'grüße']]);
  expect(await output('find')).toEqual([
    { start: 0, end: 2 },
    { start: 6, end: 8 },
  ]);
  expect(await output('rewrite')).toMatchObject([{ text: 'g(1)' }, { text: 'g(2)' }]);
  expect(await output('kv')).toEqual(['välue', null]);
  expect(await output('outside')).toMatchObject({ error: 'Error: fs.read ../secret was refused: scope' });
  expect(await output('escape')).toEqual(['undefined', 'undefined', 'undefined']);
  expect((await call('log')).log).toEqual(['warn: héllo']);
});

test('time and chance are virtual: two calls give equal output and fuel', async () => {
  const [first, second] = [await call('world'), await call('world')];

  expect({ ...first, wallMs: 0 }).toEqual({ ...second, wallMs: 0 });
});

test('fuel, deadline, memory and stack end it as they end any plugin, and the next call works', async () => {
  expect(await call('spin')).toMatchObject({ ok: false, code: 'FUEL' });
  expect(await call('spin', { fuel: 9e14, wall_ms: 300 })).toMatchObject({ ok: false, code: 'DEADLINE' });
  const grown = await call('grow', { memory_bytes: 16 * 1024 * 1024 });
  expect(grown.memoryBytes).toBeLessThanOrEqual(DEFAULT_LIMITS.memory_bytes);
  expect(await output('deep')).toMatch(/Maximum call stack|stack overflow/i);
  expect(await output('double')).toBe(42);
});

test.each([
  ["import 'node:fs';", /imports node:fs/],
  ["import '../../secret.ts';", /outside of the plugin's folder/],
  ["import './none.ts';", /is not there/],
  ['const = 1;', /plugin\.ts/],
])('a source with %s is refused with a message', async (source, message) => {
  const place = join(folder, `bad-${Math.random()}`);
  mkdirSync(join(place, 'src'), { recursive: true });
  writeFileSync(join(place, 'src', 'plugin.ts'), source);

  await expect(buildPlugin(place, { permissions: RIGHTS, output: 'json' })).rejects.toThrow(message);
});
