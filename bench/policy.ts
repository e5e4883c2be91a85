import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { opaServer } from '#adapters/opa-server/index.ts';
import { openOpaWasm } from '#adapters/opa-wasm/index.ts';
import { SHIPPED_POLICIES } from '#app/governance/policy-engine.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { builtinPolicy, outsideEngine, type PolicyEngine } from '#policy/index.ts';
import { opaBinary, startOpa, type TestOpa } from '../test/engines/opa.ts';
import { VECTORS } from '../test/policy/vectors.ts';
import { type BenchResult, benchResult, median, target } from './result.ts';

const BUNDLES = join(SHIPPED_POLICIES, 'build');
const DECISIONS = 2000;
const nothing = promisify(execFile);
const STARTS = 9;

/** One decision by each engine on the same inputs, in turns, and how long the compiled rules take to start. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const empty = await timed(() => nothing(process.execPath, ['--eval', '0']));
  const first = await timed(() => openOpaWasm(BUNDLES));
  const starts = [first];
  for (let i = 1; i < STARTS; i++) starts.push(await timed(() => openOpaWasm(BUNDLES)));
  const wasm = outsideEngine(await openOpaWasm(BUNDLES));
  const inputs = sample(seededRandom(seed));
  const binary = await opaBinary();
  const server =
    binary === undefined ? undefined : await startOpa(binary, ['--bundle', join(BUNDLES, 'bundle.tar.gz')]);
  try {
    const engines = [builtinPolicy, wasm, ...serverEngine(server)];
    for (const engine of engines) await timesOf(engine, inputs); // warm
    const rounds = new Map(engines.map((engine) => [engine.name, [] as number[]]));
    for (let round = 0; round < 2; round++) {
      for (const engine of engines) rounds.get(engine.name)?.push(...(await timesOf(engine, inputs)));
    }
    const p50 = (name: string): number | null => half(rounds.get(name));
    const [builtin, fast] = [p50('builtin'), p50('opa-wasm')];
    return benchResult({
      bench: 'policy',
      seed,
      rows: [
        ...[...rounds].map(([engine, times]) => ({ engine, of: 'decision', ...spread(times) })),
        { engine: 'opa-wasm', of: 'first start', ...spread([first]) },
        { engine: 'an empty Node', of: 'start', ...spread([empty]) },
      ],
      targets: [
        target('opa-wasm: median of a decision, ms', fast, '<=', 0.2),
        target('opa-wasm: median start, ms', median(starts), '<=', 50),
        target('opa-wasm: first start, ms', first, '<=', 50),
        target('opa-wasm: median against the built-in table, times', ratio(fast, builtin), '<=', 50),
        target('opa-server: median against opa-wasm, times', ratio(p50('opa-server'), fast), '>=', 1),
      ],
    });
  } finally {
    await server?.stop();
  }
}

function serverEngine(server: TestOpa | undefined): readonly PolicyEngine[] {
  return server === undefined ? [] : [outsideEngine(opaServer({ url: server.url, timeoutMs: 10_000 }))];
}

/** What is asked while tasks run: the vectors whose input every rule can read. */
function sample(random: Random): readonly PolicyInput[] {
  const readable = VECTORS.filter(({ deny }) => !deny.includes('INPUT_INVALID')).map(({ input }) => input);
  return Array.from({ length: DECISIONS }, () => readable[random.integer(readable.length)]).filter(
    (input) => input !== undefined,
  );
}

async function timesOf(engine: PolicyEngine, inputs: readonly PolicyInput[]): Promise<number[]> {
  const times: number[] = [];
  for (const input of inputs) times.push(await timed(() => engine.decide(input)));
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function half(times: readonly number[] | undefined): number | null {
  return times === undefined ? null : median(times);
}

function ratio(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a / b;
}

function spread(times: readonly number[]): { p50Ms: number; p95Ms: number; p99Ms: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(4));
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
