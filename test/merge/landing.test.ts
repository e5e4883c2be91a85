import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from '../agents/place.ts';
import { GREETING, json, maestro, run } from '../e2e/maestro.ts';

// Whole tasks through the command line. The agent is a shell that runs the last line of its prompt; each task starts from
// the same commit and waits for a person, so that which of them conflict does not hang on time.

let place: Place;
const FILES = {
  ...GREETING,
  'src/settings.ts': 'export interface Settings {\n  port: number;\n}\n',
  'src/start.js': "export function start(log) {\n  log('begin');\n}\n",
  'src/port.js': 'export const port = 80;\n',
};

interface Shown {
  readonly state: string;
  readonly card: string;
  readonly waitsFor: readonly { readonly code: string; readonly msg: string; readonly fix: string }[];
  readonly merge: readonly { readonly path: string; readonly tier: string; readonly record?: object }[];
}

const must = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await maestro(place.data, args, place.env);
  if (code !== 0) throw new Error(`maestro ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
};
/** The change as it is told, and the page of its merge. */
async function show(change: string): Promise<Shown & { readonly page: string }> {
  const page = join(place.dir, `${change}.html`);
  const shown = await json<Shown>(place.data, ['change', 'show', change, '--merge-report', page]);
  return { ...shown, page: readFileSync(page, 'utf8') };
}
const onMain = async (path: string): Promise<string> => {
  const [repo] = place.rows<{ id: string }>('select id from repository');
  return (await run('git', ['show', `main:${path}`], { cwd: join(place.data, 'repos', `${repo?.id}.git`) })).stdout;
};

const submitted = async (script: string): Promise<string> => (await place.submit('shell', script)).task;
const changeOf = (task: string): string =>
  place.rows<{ id: string }>(`select id from change where task = '${task}'`)[0]?.id ?? '';

const after = (line: string, text: string, path: string): string => `sed -i "/${line}/a\\  ${text}" src/${path}`;
const changes = { first: '', auto: '', suggest: '', leave: '' };

beforeAll(async () => {
  place = await Place.make([]);
  const agent = { runner: 'command', program: '/bin/sh', args: ['-c', 'tail -n 1 "$0" | sh', '{promptFile}'] };
  writeFileSync(join(place.data, 'agents.yaml'), JSON.stringify({ agents: { shell: agent } }));
  await place.tenant(FILES);
  await must('tenant', 'set', 'one', '--autonomy', 'propose');
  const host = after('port: number', 'host: string;', 'settings.ts');
  const log = (what: string): string => after('begin', `log('${what}');`, 'start.js');
  const port = (to: number): string => `sed -i "s/80/${to}/" src/port.js`;
  const tasks = {
    first: await submitted(`${host}; ${log('one')}; ${port(81)}`),
    auto: await submitted(after('port: number', 'secure: boolean;', 'settings.ts')),
    suggest: await submitted(log('two')),
    leave: await submitted(`${log('three')}; ${port(82)}`),
  };
  await place.work();
  for (const name of ['first', 'auto', 'suggest', 'leave'] as const) changes[name] = changeOf(tasks[name]);
  await must('change', 'approve', changes.first);
  await place.work();
  for (const change of [changes.auto, changes.suggest, changes.leave]) await must('change', 'approve', change);
  await place.work();
}, 300_000);
afterAll(() => place[Symbol.asyncDispose]());

describe('a change that conflicts when it lands', () => {
  it('lands by itself where the merge is certain, and its card tells rule, confidence, digests and gates', async () => {
    const shown = await show(changes.auto);

    expect(shown).toMatchObject({ state: 'landed', merge: [{ path: 'src/settings.ts', tier: 'auto' }] });
    expect(await onMain('src/settings.ts')).toBe(
      'export interface Settings {\n  port: number;\n  host: string;\n  secure: boolean;\n}\n',
    );
    for (const told of [shown.card, shown.page]) {
      expect(told).toContain('both-added');
      expect(told).toMatch(/[Cc]onfidence\D+\d\.\d\d/);
      expect(told).toMatch(/[0-9a-f]{64}/);
      expect(told).toContain('nothing lost or doubled');
    }
  });

  it('waits with a proposal where it is not, and lands exactly that once a person approves it', async () => {
    const asked = await show(changes.suggest);

    expect(asked).toMatchObject({
      state: 'needs_human',
      waitsFor: [{ code: 'MERGE_PROPOSED', msg: expect.stringContaining('src/start.js') }],
      merge: [{ path: 'src/start.js', tier: 'suggest' }],
    });
    expect(asked.card).toContain('proposed merge of src/start.js');
    expect(asked.page).toContain('a person confirms it');

    await must('change', 'approve', changes.suggest);
    await place.work();

    expect(await show(changes.suggest)).toMatchObject({
      state: 'landed',
      card: expect.stringContaining('confirmed by a person'),
    });
    expect(await onMain('src/start.js')).toBe(
      "export function start(log) {\n  log('begin');\n  log('one');\n  log('two');\n}\n",
    );
  });

  it('is left to a person with entity and cause where both sides changed the same token', async () => {
    const shown = await show(changes.leave);

    expect(shown.state).toBe('needs_human');
    expect(shown.waitsFor).toContainEqual(
      expect.objectContaining({ code: 'MERGE_CONFLICT', msg: expect.stringMatching(/src\/port\.js.*port/) }),
    );
    expect(shown.page).toContain('&lt;&lt;&lt;&lt;&lt;&lt;&lt; ');
    expect(await onMain('src/port.js')).toBe(FILES['src/port.js'].replace('80', '81'));
  });

  it('has no page of merges where git merged it by itself', async () => {
    const page = join(place.dir, 'none.html');

    const { code, stderr } = await maestro(place.data, ['change', 'show', changes.first, '--merge-report', page]);

    expect(code).toBe(1);
    expect(stderr).toContain('CHANGE_NOT_MERGED');
    expect(existsSync(page)).toBe(false);
  });
});
