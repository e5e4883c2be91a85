import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { nearest } from '#kernel/nearest.ts';
import './inputs.ts';
import { asText } from './print.ts';
import type { BenchResult } from './result.ts';

/** Files of this folder that are no benches. */
const PARTS = ['inputs.ts', 'main.ts', 'print.ts', 'result.ts'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    dir: { type: 'string', default: import.meta.dirname },
  },
});

process.exitCode = await main();

/** Runs the named benches, or all; gives the exit code: 1 a target is missed, 2 wrong usage, 4 incomplete. */
async function main(): Promise<number> {
  const dir = resolve(values.dir);
  const files = readdirSync(dir).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const known = files.filter((file) => !PARTS.includes(file)).map((file) => file.slice(0, -'.ts'.length));
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) return refuse(`--seed must be an integer, not ${values.seed}`);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const meant = nearest(unknown, known);
    return refuse(
      `no bench ${unknown}${meant === undefined ? '' : `; did you mean ${meant}?`} There are: ${known.join(', ')}`,
    );
  }

  const verdicts: BenchResult['ok'][] = [];
  for (const name of positionals.length > 0 ? positionals : known) {
    const result = await runBench(resolve(dir, `${name}.ts`), seed);
    console.log(values.json ? JSON.stringify(result) : asText(result));
    verdicts.push(result.ok);
  }
  if (verdicts.includes(false)) return 1;
  return verdicts.includes(null) ? 4 : 0;
}

async function runBench(path: string, seed: number): Promise<BenchResult> {
  const bench = (await import(pathToFileURL(path).href)) as {
    run?: (options: { seed: number }) => Promise<BenchResult>;
  };
  if (bench.run === undefined) throw new Error(`${path} exports no run`);
  return bench.run({ seed });
}

function refuse(message: string): number {
  console.error(message);
  return 2;
}
