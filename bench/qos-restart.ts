import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { storm } from '../test/scale/storm.ts';
import { type BenchResult, benchResult, median, target } from './result.ts';

const MAESTRO = fileURLToPath(new URL('../bin/maestro.js', import.meta.url));
const IDLE_STARTS = 7;
const ROUNDS = 20;
/** After this time the launcher has kept compiled code. */
const KEPT_MS = 7000;

/** Issue 4: how soon an embedded conductor serves again after kill -9, without work and under load, and what becomes of the work. */
export async function run(options: { readonly seed: number }): Promise<BenchResult> {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-restart-'));
  const up = [MAESTRO, 'up', '--port', '0', '--data-dir', join(dir, 'idle')];
  await firstOutput(up, KEPT_MS); // makes the data directory, and keeps compiled code if nobody has
  const [idle, bare]: [Start[], Start[]] = [[], []];
  for (let n = 0; n < IDLE_STARTS; n++) {
    idle.push(await firstOutput(up));
    bare.push(await firstOutput(['-e', 'console.log(1)']));
  }
  const report = await storm({ dir: join(dir, 'storm'), seed: options.seed, rounds: ROUNDS, env: {} });
  rmSync(dir, { recursive: true, force: true });

  const { readyMs, resumedMs, faults, acknowledged } = report;
  const row = (what: string, ms: readonly number[], cpuMs: number | null = null) => ({
    ...{ what, medianMs: median(ms), mostMs: Math.max(...ms), runsMs: [...ms], cpuMs },
  });
  const starts = (what: string, all: readonly Start[]) =>
    row(
      what,
      all.map(({ ms }) => ms),
      median(all.map(({ cpuMs }) => cpuMs)),
    );
  return benchResult({
    bench: 'qos-restart',
    seed: options.seed,
    rows: [
      starts('an empty Node, from spawn to its first line', bare),
      starts('the conductor without work, killed and started', idle),
      row('the conductor under load, killed and started', readyMs),
      row('the same, until all that it ran goes on', resumedMs),
      { what: 'storm', rounds: ROUNDS, acknowledged, kills: { ...report.kills }, faults: [...faults] },
    ],
    targets: [
      target('restart without work, median ms', median(idle.map(({ ms }) => ms)), '<=', 1000),
      target('restart under load, median ms', median(readyMs), '<=', 1000),
      target('work goes on, median ms after the restart began', median(resumedMs), '<=', 1000),
      target('tasks acknowledged', acknowledged, '=', ROUNDS),
      target('tasks lost, ended or settled twice, or left open', faults.length, '=', 0),
    ],
  });
}

interface Start {
  readonly ms: number;
  /** Processor time until then: nearly the same however busy the machine is. */
  readonly cpuMs: number;
}

/** From the start of a Node program to its first output; then, or so much later, it is killed with SIGKILL. */
async function firstOutput(args: readonly string[], livesMs = 0): Promise<Start> {
  const began = performance.now();
  const env = { ...process.env, MAESTRO_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  await once(child.stdout, 'data');
  const start = { ms: Math.round(performance.now() - began), cpuMs: cpuOf(child.pid ?? 0) };
  await pause(livesMs);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return start;
}

/** User and system time of a process, ms: fields 14 and 15 in hundredths of a second (proc(5)). NaN where there is no /proc. */
function cpuOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
