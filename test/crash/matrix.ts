import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { maestro, prepared, rows, scratch, stepsOf } from './scene.ts';

// Kills a worker before, during and after every step that a real journal holds, lets another one take over, and counts
// what came of it: one landing, one change, one settlement, one closed dossier, whatever the moment of death.

const PHASES = ['before', 'during', 'after'] as const;

interface Case {
  readonly point: string;
  readonly faults: readonly string[];
}

async function oneCase(root: string, from: string, point: string): Promise<Case> {
  const data = join(root, point.replaceAll(/[^a-z0-9]+/gi, '-'));
  cpSync(from, data, { recursive: true });
  const killed = await maestro(data, ['worker', '--until-idle'], { MAESTRO_TEST_KILL_AT: point });
  const faults =
    killed.signal === 'SIGKILL' ? [] : [`the point was not reached (${killed.code}: ${killed.stderr.slice(-300)})`];
  const second = await maestro(data, ['worker', '--until-idle']);
  if (second.code !== 0) faults.push(`the second worker ended with ${second.code}: ${second.stderr.slice(-300)}`);
  faults.push(...(await wrongIn(data)));
  rmSync(data, { recursive: true, force: true });
  return { point, faults };
}

/** What is not exactly once. */
async function wrongIn(data: string): Promise<readonly string[]> {
  const faults: string[] = [];
  const count = (what: string, query: string, expected = 1): void => {
    const [row] = rows<{ n: number }>(data, query);
    if (row?.n !== expected) faults.push(`${what}: ${row?.n}, expected ${expected}`);
  };
  count('landed tasks', `select count(*) as n from task where state = 'landed'`);
  count('changes', `select count(*) as n from change`);
  count('landed changes', `select count(*) as n from change where state = 'landed'`);
  count('change.opened events', `select count(*) as n from event where type = 'change.opened'`);
  count('change.landed events', `select count(*) as n from event where type = 'change.landed'`);
  count('task.ended events', `select count(*) as n from event where type = 'task.ended'`);
  count('settlements', `select count(*) as n from ledger_entry where actual_nano is not null`);
  count('open holds', `select count(*) as n from ledger_entry where actual_nano is null`, 0);
  count('open runs', `select count(*) as n from run where state = 'open'`, 0);
  count('summaries', `select count(*) as n from evidence_statement where name = 'summary'`);
  const log = spawnSync('git', ['--git-dir', join(data, 'repos', 'one', 'ledger.git'), 'rev-list', '--count', 'main']);
  if (log.stdout.toString().trim() !== '2') faults.push(`commits on main: ${log.stdout.toString().trim()}, expected 2`);
  const [task] = rows<{ id: string }>(data, 'select id from task');
  const out = `${data}-evidence`;
  await maestro(data, ['evidence', 'export', task?.id ?? '', '--out', out]);
  const verified = await maestro(data, ['evidence', 'verify', out]);
  if (verified.code !== 0) faults.push(`evidence does not verify: ${verified.stdout}${verified.stderr}`);
  rmSync(out, { recursive: true, force: true });
  return faults;
}

async function main(): Promise<number> {
  using folder = scratch();
  const from = await prepared(folder.dir, join(folder.dir, 'source'));
  const whole = join(folder.dir, 'whole');
  cpSync(from, whole, { recursive: true });
  await maestro(whole, ['worker', '--until-idle']);
  const wrong = await wrongIn(whole);
  if (wrong.length > 0) throw new Error(`without any kill: ${wrong.join('; ')}`);
  const steps = stepsOf(whole);
  const points = steps.flatMap((step) => PHASES.map((phase) => `${step}:${phase}`));
  process.stdout.write(`${steps.length} steps (${steps.join(', ')}), ${points.length} points\n`);

  let bad = 0;
  const queue = [...points];
  const lane = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      const { faults } = await oneCase(folder.dir, from, point);
      if (faults.length > 0) bad += 1;
      process.stdout.write(
        `${faults.length === 0 ? 'ok  ' : 'FAIL'} ${point}${faults.map((fault) => `\n     ${fault}`).join('')}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
  process.stdout.write(`${points.length - bad} passed, ${bad} failed\n`);
  return bad === 0 ? 0 : 1;
}

process.exitCode = await main();
