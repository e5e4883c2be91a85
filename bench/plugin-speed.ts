import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import createPlugin from '@extism/extism';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import type { PluginCall } from '#plugins/ports.ts';
import { seededRandom } from '#kernel/random.ts';
import { installation } from '../test/plugins/shipped.ts';
import { admitted, LIMITS, NONE, reactor, wat } from '../test/plugins/wat.ts';
import { type BenchResult, type BenchRow, benchResult, median, target } from './result.ts';

const MIB = 1024 * 1024;
const FILES = 1000;

/** Echo with each byte changed: eight at a time, as a compiler would. */
const XOR = `(local $i i32)
  (block $done (loop $l
    (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
    (i64.store (i32.add (local.get $at) (local.get $i)) (i64.xor (i64.load (i32.add (local.get $at) (local.get $i))) (i64.const 0x5a5a5a5a5a5a5a5a)))
    (local.set $i (i32.add (local.get $i) (i32.const 8)))
    (br $l)))`;
const OURS = reactor(`${XOR} (call $pack (local.get $at) (local.get $n))`);
/** The same for Extism, through its host's load and store of eight bytes, which is the only way that it has. */
const EXTISM = `(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "run") (result i32) (local $n i64) (local $i i64) (local $to i64)
    (local.set $n (call $length)) (local.set $to (call $alloc (local.get $n)))
    (block $done (loop $l
      (br_if $done (i64.ge_u (local.get $i) (local.get $n)))
      (call $store (i64.add (local.get $to) (local.get $i)) (i64.xor (call $load (local.get $i)) (i64.const 0x5a5a5a5a5a5a5a5a)))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br $l)))
    (call $output (local.get $to) (local.get $n)) (i32.const 0)))`;

/** How Extism is run: its version 1 has no time limit, so for plugins that are not trusted it must be a worker that can be ended. */
const PEERS = {
  extism: { useWasi: false, runInWorker: true },
  extismInline: { useWasi: false, runInWorker: false },
} as const;

/** Calls on fresh instances against Extism (in its worker, as ours are, and inline, where nothing can end them), search against ripgrep, and a codemod over a tree, in one run. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const { small, large } = await measureEcho();
  const search = await measureSearch(seed);
  const rows: BenchRow[] = [
    { job: 'fresh instance and call, 64 bytes, ms', ...small },
    { job: '1 MiB in and out, ms', ...large },
    { job: `literal over ${FILES} files, ms`, ours: search.ours, ripgrep: search.ripgrep, found: search.found },
    { job: `structure over ${FILES} files, ms`, ours: search.ast },
    { job: `codemod over ${FILES} files, ms`, ours: search.codemod, edited: search.edited },
    {
      job: 'options of @extism/extism',
      extism: JSON.stringify(PEERS.extism),
      extismInline: JSON.stringify(PEERS.extismInline),
    },
  ];
  return benchResult({
    bench: 'plugin-speed',
    seed,
    rows,
    targets: [
      target('fresh instance and call, ms', small.ours, '<=', 1),
      target('1 MiB in and out on a warm worker, ms', large.ours, '<=', 3),
      target('times faster than Extism in its worker at 1 MiB', large.extism / large.ours, '>=', 10),
      target('times the time of ripgrep', search.ripgrep === null ? null : search.ours / search.ripgrep, '<=', 5),
      target('matches that differ from ripgrep', search.difference, '=', 0),
    ],
  });
}

const SIDES = ['ours', 'extism', 'extismInline'] as const;
type Side = (typeof SIDES)[number];
type Jobs = { readonly [side in Side]: () => Promise<unknown> };
type Medians = { readonly [side in Side]: number };

/** The same bytes through the same function: ours on a fresh instance in the confined process, Extism's on its one warm instance. */
async function measureEcho(): Promise<{ small: Medians; large: Medians }> {
  await using runner = new ConfinedPluginRunner({ workers: 2, bwrap: findBwrap() });
  const module = admitted(await wat(OURS), NONE);
  const theirs = new WebAssembly.Module(await wat(EXTISM));
  const extism = await createPlugin(theirs, PEERS.extism);
  const extismInline = await createPlugin(theirs, PEERS.extismInline);
  const { signal } = new AbortController();
  const jobs = (bytes: number): Jobs => {
    const input = new Uint8Array(bytes).fill(7);
    const call: PluginCall = { module, input, root: null, permissions: NONE, limits: LIMITS, seed: 1, startMs: 0 };
    return {
      ours: () => runner.call(call, signal),
      extism: () => extism.call('run', input),
      extismInline: () => extismInline.call('run', input),
    };
  };
  try {
    const small = await mediansInTurn(jobs(64));
    const large = await mediansInTurn(jobs(MIB));
    return { small, large };
  } finally {
    await extism.close();
    await extismInline.close();
  }
}

/** Forty rounds of ten calls of each side, one side after the other; the first two of each ten warm it up. */
async function mediansInTurn(jobs: Jobs): Promise<Medians> {
  const taken = { ours: [] as number[], extism: [] as number[], extismInline: [] as number[] };
  for (let i = 0; i < 40; i++) for (const side of SIDES) taken[side].push(...(await times(8, jobs[side])));
  return {
    ours: round(median(taken.ours)),
    extism: round(median(taken.extism)),
    extismInline: round(median(taken.extismInline)),
  };
}

interface SearchRow {
  readonly ours: number;
  readonly ripgrep: number | null;
  readonly found: number;
  readonly difference: number | null;
  readonly ast: number;
  readonly codemod: number;
  readonly edited: number;
}

async function measureSearch(seed: number): Promise<SearchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-speed-'));
  const place = await installation();
  try {
    writeSources(folder, seed);
    const query = { pattern: 'loadUser', glob: '**/*.ts', max: 10_000 };
    const found = async (mode: string, pattern: string): Promise<number> => {
      const result = await place.run('plugin.code-search', { ...query, mode, pattern }, folder);
      return result.ok && typeof result.output === 'object' && result.output !== null && 'total' in result.output
        ? Number(result.output['total'])
        : -1;
    };
    const ours = await medianMs(9, () => found('literal', query.pattern));
    const rg = (): number => {
      const { stdout, status } = spawnSync('rg', ['-o', '--no-heading', '-F', query.pattern, '.'], {
        cwd: folder,
        encoding: 'utf8',
      });
      return status === 0 ? stdout.trimEnd().split('\n').length : -1;
    };
    const total = await found('literal', query.pattern);
    const peer = rg();
    const ripgrep = peer < 0 ? null : await medianMs(9, async () => rg());
    const ast = await medianMs(3, () => found('ast', 'loadUser($A)'));
    const codemod = { pattern: 'loadUser($A)', rewrite: 'fetchUser($A)', glob: '**/*.ts' };
    const begin = performance.now();
    const changed = await place.run('plugin.ast-codemod', codemod, folder);
    return {
      ours,
      ripgrep,
      found: total,
      difference: peer < 0 ? null : Math.abs(peer - total),
      ast,
      codemod: round(performance.now() - begin),
      edited: changed.ok ? changed.edited.length : -1,
    };
  } finally {
    await place.close();
    rmSync(folder, { recursive: true });
  }
}

/** TypeScript of some 5.5 kB a file, as in a middle-sized product; a quarter of the files call `loadUser`. */
function writeSources(folder: string, seed: number): void {
  const random = seededRandom(seed);
  const own = readdirSync(join(import.meta.dirname, '..', 'src', 'plugins')).filter((name) => name.endsWith('.ts'));
  const texts = own.map((name) => readFileSync(join(import.meta.dirname, '..', 'src', 'plugins', name), 'utf8'));
  for (let i = 0; i < FILES; i++) {
    let text = '';
    while (text.length < 5500) text += texts[random.integer(texts.length)] ?? '';
    if (random.integer(4) === 0) text += `export const user${i} = loadUser(${i});\n`;
    const path = join(folder, `area-${i % 20}`, `part-${i % 7}`, `file-${i}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function medianMs(count: number, job: () => Promise<unknown>): Promise<number> {
  return round(median(await times(count, job)));
}

/** Milliseconds of each call, after two that are not counted. */
async function times(count: number, job: () => Promise<unknown>): Promise<readonly number[]> {
  await job();
  await job();
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await job();
    taken.push(performance.now() - start);
  }
  return taken;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
