import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchResult, benchResult, median, target } from './result.ts';

const MAESTRO = fileURLToPath(new URL('../bin/maestro.js', import.meta.url));
const RUNS = 3;

type Run = {
  readonly code: number | null;
  readonly wallMs: number;
  readonly tasks: number;
  readonly landed: number;
};

/** The whole main job on the examples, from an empty data directory, as a newcomer runs it. */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const runs: Run[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await once());
  const seconds = median(runs.map(({ wallMs }) => wallMs)) / 1000;
  const expected = runs.filter(({ code }) => code === 0).length;
  return benchResult({
    bench: 'main-job',
    seed: options.seed,
    rows: runs.map((each, i) => ({ run: i + 1, ...each })),
    targets: [
      target('wall seconds, median of 3', seconds, '<', 120),
      target('runs in which every task ended as expected', expected, '>=', RUNS),
    ],
  });
}

async function once(): Promise<Run> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  const from = performance.now();
  try {
    const child = spawn(process.execPath, [MAESTRO, 'start', '--exit', '--json', '--data-dir', dir], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const status = JSON.parse(out) as { readonly tasks: readonly { readonly state: string }[] };
    const landed = status.tasks.filter(({ state }) => state === 'landed').length;
    return { code, wallMs: Math.round(performance.now() - from), tasks: status.tasks.length, landed };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
