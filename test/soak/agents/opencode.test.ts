import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Place } from '../../agents/place.ts';

// A real agent of others, from npm, conducted inside walls that have a loopback and nothing else, against a double of
// providers. It is installed into a folder of its own by this test; nothing here says anything about a model.

const VERSION = '1.18.33';
const folder = mkdtempSync(join(tmpdir(), 'maestro-opencode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const missing = installed();
if (missing !== undefined) console.log(`skipped: opencode-ai cannot be installed here (${missing})`);

function installed(): string | undefined {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { 'opencode-ai': true } }));
  try {
    const args = ['install', '--no-save', '--no-audit', '--no-fund', `opencode-ai@${VERSION}`];
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe', timeout: 120_000 });
    return undefined;
  } catch (fault) {
    return String(fault).split('\n')[0];
  }
}

const PATH = [join(folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
const WRITE = { name: 'write', arguments: { filePath: '/workspace/JOY.md', content: '# Joy\n' } };

async function opencodePlace(contains: string): Promise<Place> {
  const place = await Place.make([{ contains, turns: [{ calls: [WRITE] }, { text: 'I have written JOY.md.' }] }]);
  await place.tenant();
  process.env['PATH'] = PATH;
  return place;
}

interface Call {
  readonly source: string;
  readonly cost_nano: number;
  readonly tokens: number;
  readonly output_tokens: number;
}
const CALLS = `select source, cost_nano, output_tokens, input_tokens + cache_read_tokens as tokens from model_call order by id`;

/** What the provider billed, what the gateway has on record, and what the ledger charged are one figure. */
function sameMoney(place: Place): { readonly calls: number; readonly tokens: number } {
  const calls = place.rows<Call>(CALLS);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const billed = place.billed();
  expect(calls.every(({ source }) => source === 'reported')).toBe(true);
  expect(calls.length).toBe(billed.length);
  expect(sum(calls.map((each) => each.cost_nano))).toBe(sum(billed.map(({ nano }) => nano)));
  expect(sum(calls.map((each) => each.tokens))).toBe(sum(billed.map((each) => each.input + each.cacheRead)));
  const charges = place.rows<{ data: string }>(`select data from event where type = 'usage.charged'`);
  const charged = charges.find(({ data: text }) => !text.includes('"step"'));
  const data = JSON.parse(charged?.data ?? '{}') as Record<string, number>;
  expect(data['modelNano']).toBe(sum(billed.map(({ nano }) => nano)));
  expect(data['inputTokens']).toBe(sum(billed.map((each) => each.input + each.cacheRead)));
  expect(data['outputTokens']).toBe(sum(billed.map(({ output }) => output)));
  const [settled] = place.rows<{ n: number }>(`select sum(actual_nano) as n from ledger_entry where key like 'task_%'`);
  expect(settled?.n).toBe(data['costNano']);
  return { calls: calls.length, tokens: data['inputTokens'] ?? 0 };
}

const turn = (place: Place): { session: string; stop: string } => {
  const [row] = place.rows<{ result: string }>(`select result from step where name = 'act:turn'`);
  return (JSON.parse(row?.result ?? '{}') as { done: { result: { session: string; stop: string } } }).done.result;
};

describe.skipIf(missing !== undefined)('opencode', () => {
  it('makes a change that lands; provider, gateway and ledger agree on every token', async () => {
    await using place = await opencodePlace('Write it down');

    const done = await place.submit('opencode', 'Write it down: JOY.md', ['--wait']);

    expect(done).toMatchObject({ state: 'landed', reasons: [] });
    const file = execFileSync('git', ['--git-dir', join(place.data, 'repos/one/greet.git'), 'show', 'main:JOY.md']);
    expect(file.toString()).toBe('# Joy\n');
    const { calls, tokens } = sameMoney(place);
    console.log(`opencode ${VERSION}: landed, ${calls} calls, ${tokens} tokens in, $${done.costUsd}`);
    expect(calls).toBeGreaterThanOrEqual(3); // the first one is a title that nobody asked for
  });

  it('killed with its worker while it thinks, goes on in the same session and lands', async () => {
    const prompt = 'Write it {{delay=700}} down slowly: JOY.md';
    await using place = await opencodePlace('Write it');
    const gateway = await place.start(['gateway', 'serve', '--port', '0']);
    const env = { MAESTRO_GATEWAY_URL: gateway.url };
    await place.submit('opencode', prompt);

    const { child } = await place.start(['worker'], env);
    const written = (): boolean => {
      const runs = join(place.data, 'work/runs');
      return existsSync(runs) && readdirSync(runs).some((run) => existsSync(join(runs, run, 'files/JOY.md')));
    };
    while (!written()) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const before = place.rows<Call>(CALLS).length;
    const second = await place.work(env);

    expect(second.code).toBe(0);
    expect(place.rows<{ state: string }>('select state from task')).toEqual([{ state: 'landed' }]);
    expect(turn(place)).toMatchObject({ session: 'resumed', stop: 'end_turn' });
    const { calls } = sameMoney(place);
    console.log(`opencode ${VERSION}: killed after ${before} calls, resumed its session, landed after ${calls}`);
  });
});
