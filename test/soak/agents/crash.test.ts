import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, maestro } from '../../e2e/maestro.ts';
import { Place, type Turn } from '../../agents/place.ts';

// Kills the worker before, during and after every step of a native run that a real journal holds, lets another one take
// over, and counts what came of it. The double is a process of its own; the gateway dies with its worker.

const PHASES = ['before', 'during', 'after'] as const;
const call = (name: string, args: object): Turn => ({ calls: [{ name, arguments: args }] });
const TURNS = [
  call('edit', { path: 'src/greet.js', old: 'Hello, ${name}', new: "Hello, ${[name].join('')}" }),
  call('run', { command: 'echo once >> log.txt' }),
  call('finish', { kind: 'change', summary: 'Say hello in parts' }),
];

let place: Place;
let steps: readonly string[] = [];
beforeAll(async () => {
  place = await Place.make([{ contains: 'Say it in parts', turns: TURNS }]);
  await place.tenant();
  // The copies wait for their turn in this test; that must not cost the tenant its objective.
  await place.must(['tenant', 'set', 'one', '--start-within', '3h']);
  const from = join(place.dir, 'queued');
  await json(place.data, [
    'submit',
    '--tenant',
    'one',
    '--repo',
    'greet',
    '--agent',
    'native',
    '--prompt',
    'Say it in parts',
  ]);
  cpSync(place.data, from, { recursive: true });
  const whole = await place.work();
  if (whole.code !== 0) throw new Error(whole.stderr);
  steps = place
    .rows<{ name: string }>('select name from step order by started_at, seq')
    .map(({ name }) => name)
    .filter((name) => /^(plan|act|rung|inspect|verify)/.test(name));
});
afterAll(() => place[Symbol.asyncDispose]());

async function killedAt(point: string): Promise<readonly string[]> {
  const data = join(place.dir, point.replaceAll(/\W+/g, '-'));
  cpSync(join(place.dir, 'queued'), data, { recursive: true });
  const killed = await maestro(data, ['worker', '--until-idle'], { ...place.env, MAESTRO_TEST_KILL_AT: point });
  const faults =
    killed.code === null ? [] : [`the point was not reached (${killed.code}: ${killed.stderr.slice(-300)})`];
  const second = await maestro(data, ['worker', '--until-idle'], place.env);
  if (second.code !== 0) faults.push(`the second worker ended with ${second.code}: ${second.stderr.slice(-300)}`);
  const rows = place.rowsOf(data);
  const count = (what: string, query: string, expected: number): void => {
    const n = rows<{ n: number }>(query)[0]?.n;
    if (n !== expected) faults.push(`${what}: ${n}, expected ${expected}`);
  };
  count('landed tasks', `select count(*) as n from task where state = 'landed'`, 1);
  count('changes', 'select count(*) as n from change', 1);
  count('settlements', `select count(*) as n from ledger_entry where key like 'task_%' and actual_nano is not null`, 1);
  count('open holds', `select count(*) as n from ledger_entry where key like 'task_%' and actual_nano is null`, 0);
  if (faults.length === 0) {
    const git = (...args: string[]): string =>
      execFileSync('git', ['--git-dir', join(data, 'repos/one/greet.git'), ...args])
        .toString()
        .trim();
    if (git('rev-list', '--count', 'main') !== '2') faults.push(`commits: ${git('rev-list', '--count', 'main')}`);
    if (git('show', 'main:log.txt') !== 'once')
      faults.push(`the command ran more than once: ${git('show', 'main:log.txt')}`);
  } else faults.push(`the task: ${JSON.stringify(rows('select state, reasons from task'))}`);
  // Killed after an answer came and before it was recorded, the run asks again, and the gateway gives the answer it has.
  count(
    'calls that cost',
    `select count(*) as n from model_call where source is null or source <> 'cache'`,
    TURNS.length,
  );
  count('calls whose cost is known', `select count(*) as n from model_call where source = 'reported'`, TURNS.length);
  rmSync(data, { recursive: true, force: true });
  return faults;
}

describe('a native run that is killed', () => {
  it('at any moment of any step goes on with every effect once, and pays no model call twice', async () => {
    const points = steps.flatMap((step) => PHASES.map((phase) => `${step}:${phase}`));
    const bad: string[] = [];
    const queue = [...points];
    const lane = async (): Promise<void> => {
      for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
        const faults = await killedAt(point);
        console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${point} ${faults.join('; ')}`);
        if (faults.length > 0) bad.push(`${point}: ${faults.join('; ')}`);
      }
    };
    await Promise.all([lane(), lane(), lane()]);

    expect(points.length).toBeGreaterThanOrEqual(30);
    expect(bad).toEqual([]);
  }, 1_800_000);
});
