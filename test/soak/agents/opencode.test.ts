import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Place } from '../../agents/place.ts';
import { sameMoney, turnOf } from './agreement.ts';
import { AFTER_IT_WROTE, killed } from './killed.ts';

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
    await using place = await opencodePlace('Write it');
    await place.submit('opencode', 'Write it {{delay=700}} down slowly: JOY.md');

    const before = await killed(place, { ready: AFTER_IT_WROTE });

    expect(place.rows<{ state: string }>('select state from task')).toEqual([{ state: 'landed' }]);
    expect(turnOf(place)).toMatchObject({ session: 'resumed', stop: 'end_turn' });
    const { calls } = sameMoney(place);
    console.log(`opencode ${VERSION}: killed after ${before} calls, resumed its session, landed after ${calls}`);
  });
});
