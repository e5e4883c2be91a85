import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maestro } from '../e2e/maestro.ts';
import { Place, type Turn } from './place.ts';

// Whole tasks through the command line, against the double of the providers: it says what a script says, and is no model.

const call = (name: string, args: object): Turn => ({ calls: [{ name, arguments: args }] });
const edit = (to: string): Turn => call('edit', { path: 'src/greet.js', old: 'Hello, ${name}', new: to });
const finish = (kind: string, summary: string): Turn => call('finish', { kind, summary });

describe('an agent that uses models', () => {
  it('climbs the ladder when its tests fail, and the card shows why each rung was taken and what it cost', async () => {
    await using place = await Place.make(
      [
        { contains: 'Say it simply', model: 'small', turns: [edit('Bye, ${name}'), finish('change', 'Say bye')] },
        {
          contains: 'Say it simply',
          model: 'large',
          turns: [edit("Hello, ${[name].join('')}"), call('test', {}), finish('change', 'Say hello simply')],
        },
      ],
      ['small', 'large'],
    );
    await place.tenant();

    const done = await place.submit('native', 'Say it simply', ['--wait']);

    expect(done).toMatchObject({ state: 'landed', reasons: [] });
    const [event] = place.rows<{ data: string }>(`select data from event where type = 'rung.taken'`);
    expect(JSON.parse(event?.data ?? '')).toMatchObject({
      from: 'small',
      to: 'large',
      because: { code: 'TESTS_FAILED' },
    });
    const change = place.rows<{ id: string }>('select id from change')[0]?.id ?? '';
    const { stdout } = await maestro(place.data, ['change', 'show', change], place.env);
    expect(stdout).toMatch(/model 1 of 2.*small: 2 calls.*\$0\.00.*TESTS\\?_FAILED.*so large was asked next/);
    expect(stdout).toMatch(/model 2 of 2.*large: 3 calls.*\$0\.0.*it did/);
    const billed = place.billed().reduce((sum, { nano }) => sum + nano, 0);
    expect(place.rows<{ n: number }>('select sum(cost_nano) as n from model_call')).toEqual([{ n: billed }]);
  });

  it('does not climb to models that its budget took away, spends no more than is held, and the cards say so', async () => {
    await using place = await Place.make(
      [{ contains: 'Say it simply', turns: [edit('Bye, ${name}'), finish('change', 'Say bye')] }],
      ['small', 'large'],
    );
    await place.tenant();

    const done = await place.submit('native', 'Say it simply', ['--wait', '--max-usd', '30']);

    expect(done).toMatchObject({ state: 'failed', reasons: [{ code: 'TESTS_FAILED' }] });
    expect(place.rows('select distinct model from model_call')).toEqual([{ model: 'small' }]);
    const [chosen] = place.rows<{ data: string }>(`select data from event where type = 'plan.chosen'`);
    expect(JSON.parse(chosen?.data ?? '')).toMatchObject({
      rungs: ['small'],
      shift: { plan: 'half', without: ['large'] },
    });
    expect(JSON.stringify(place.rows('select * from decision_card'))).toContain(
      'Goes on with plan half instead of full',
    );
    const shown = await maestro(place.data, ['evidence', 'show', done.task], place.env);
    expect(shown.stdout).toContain('half: without large');
    const [cap] = place.rows<{ cap: number }>(`select cap_nano as cap from ledger_scope where scope like 'run:%'`);
    expect(cap?.cap).toBeLessThanOrEqual(15e9);
  });

  it('may rightly change nothing, and may not spend more than its task', async () => {
    await using place = await Place.make([
      {
        contains: 'Nothing to do',
        turns: [call('read', { path: 'src/greet.js' }), finish('no_change', 'It is so already')],
      },
      { contains: 'Go on for ever', turns: [call('run', { command: 'date +%N' })] },
    ]);
    await place.tenant();

    const nothing = await place.submit('native', 'Nothing to do', ['--wait']);
    const dear = await place.submit('native', 'Go on for ever', ['--wait', '--max-usd', '0.08']);

    expect(nothing).toMatchObject({ state: 'no_change', reasons: [] });
    expect(dear).toMatchObject({ state: 'failed', reasons: [{ code: expect.stringMatching(/AGENT_COST|BUDGET/) }] });
    expect(dear.costUsd).toBeLessThanOrEqual(0.08);
  });

  it('is refused at once where no model, program or prompt is there', async () => {
    await using place = await Place.make([]);
    await place.tenant();

    const outcomes = [];
    for (const args of [
      ['--agent', 'codex'],
      ['--agent', 'gemini'],
      ['--agent', 'nobody'],
      ['--agent', 'native'],
    ]) {
      const prompt = args[1] === 'native' ? ' ' : 'do it';
      const submitted = ['submit', '--tenant', 'one', '--repo', 'greet', ...args, '--prompt', prompt];
      const { code, stderr } = await maestro(place.data, submitted, { ...place.env, PATH: '/usr/bin:/bin' });
      outcomes.push([code, /codex-acp|Google's own format|called "nobody"|not told/.exec(stderr)?.[0]]);
    }

    expect(outcomes).toEqual([
      [2, 'codex-acp'],
      [2, "Google's own format"],
      [2, 'called "nobody"'],
      [2, 'not told'],
    ]);
    const main = execFileSync('git', [
      '--git-dir',
      join(place.data, 'repos/one/greet.git'),
      'rev-list',
      '--count',
      'main',
    ]);
    expect(main.toString().trim()).toBe('1');
  });
});
