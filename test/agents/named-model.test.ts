import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '#app/access/keys.ts';
import { platform } from '#app/access/platform.ts';
import { giveRoles } from '#app/access/roles.ts';
import { person } from '#app/governance/principals.ts';
import { openHouse } from '#app/open.ts';
import { serve } from '#server/serve.ts';
import { maestro } from '../e2e/maestro.ts';
import { Place, type Submitted, type Turn } from './place.ts';

// A person names the model that a task starts with. The double of the providers says what a script says, and is no model.

const call = (name: string, args: object): Turn => ({ calls: [{ name, arguments: args }] });
const edit = (to: string): Turn => call('edit', { path: 'src/greet.js', old: 'Hello, ${name}', new: to });
const finish = call('finish', { kind: 'change', summary: 'Say hello simply' });
const GOOD = { contains: 'Say it simply', turns: [edit("Hello, ${[name].join('')}"), finish] };
const CHEAP = {
  contains: 'Look at it cheaply',
  turns: [call('finish', { kind: 'no_change', summary: 'It is so already' })],
};

type Told = Submitted & { readonly model: string | null; readonly evidence: string };

let place: Place;
beforeAll(async () => {
  place = await Place.make([GOOD, CHEAP], ['small', 'large']);
  await place.tenant();
  const path = join(place.data, 'gateway.yaml');
  const file = JSON.parse(readFileSync(path, 'utf8')) as {
    providers: { [name: string]: object };
    models: { [name: string]: object };
  };
  const double = file.providers['double'];
  file.providers['abroad'] = { ...double, region: 'far', prices: 'double' };
  file.providers['open'] = { ...double, dataClass: 'public', prices: 'double' };
  file.models = {
    ...file.models,
    'large-abroad': ['abroad/large'],
    'small-open': ['open/small'],
    unpriced: ['double/nobody-knows'],
  };
  writeFileSync(path, JSON.stringify(file));
});
afterAll(() => place[Symbol.asyncDispose]());

const show = async (...args: readonly string[]): Promise<string> =>
  (await maestro(place.data, args, place.env)).stdout.replaceAll('\\_', '_');

async function refused(...more: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const args = ['submit', '--tenant', 'one', '--repo', 'greet', ...more];
  return maestro(place.data, args, place.env);
}

describe('a task that names its model', () => {
  it('begins with it, and record, card, evidence and task say so', async () => {
    const done = (await place.submit('native', 'Say it simply', ['--model', 'large', '--wait'])) as Told;

    expect(done).toMatchObject({ state: 'landed', reasons: [], model: 'large' });
    expect(place.rows('select distinct model from model_call')).toEqual([{ model: 'large' }]);
    const [submitted] = place.rows<{ data: string }>(`select data from event where type = 'task.submitted'`);
    expect(JSON.parse(submitted?.data ?? '')).toMatchObject({ work: { model: 'large' } });
    expect(await show('task', 'show', done.task)).toMatch(/native on large: Say it simply[\s\S]*models: large\n/);
    const evidence = await show('evidence', 'show', done.task);
    expect(evidence).toContain('model asked for: large, and it began with it');
    const out = join(place.dir, 'evidence');
    await place.must(['evidence', 'export', done.task, '--out', out]);
    expect(statementIn(out, 'provenance')).toMatchObject({
      buildDefinition: {
        externalParameters: { work: { model: 'large' } },
        internalParameters: { plan: { asked: 'large', rungs: ['large'] } },
      },
    });
  });

  it('begins lower when the budget allows only a part of it, and the card says what, what instead, and why', async () => {
    const more = ['--model', 'large', '--max-usd', '30', '--wait'];
    const done = (await place.submit('native', 'Look at it cheaply', more)) as Told;

    expect(place.rows(`select distinct model from model_call where task = '${done.task}'`)).toEqual([
      { model: 'small' },
    ]);
    const said =
      /large, and it began with small, since the budget allowed plan half only: plan half .* instead of full .*tenant:one has/;
    expect(await show('evidence', 'show', done.task)).toMatch(said);
    expect(await show('task', 'show', done.task)).toMatch(said);
    const cards = JSON.stringify(place.rows('select body from decision_card'));
    expect(cards).toMatch(/Goes on with plan half instead of full.*model asked for.*large/);
  });

  it.each([
    ['larg', /the gateway file has no model "larg"/, /nearest first: large, small/],
    ['unpriced', /nobody says what the model unpriced costs/, /nearest first: small, large/],
  ])('%s is refused before anything is recorded, with the nearest that it may use', async (model, what, cure) => {
    const before = place.rows('select id from task').length;

    const { code, stderr } = await refused('--agent', 'native', '--prompt', 'x', '--model', model);

    expect([code, stderr]).toEqual([2, expect.stringMatching(what)]);
    expect(stderr).toMatch(cure);
    expect(place.rows('select id from task').length).toBe(before);
  });

  it.each([
    ['large-abroad', 'REGION_NOT_ALLOWED', 'large, small'],
    ['small-open', 'DATA_CLASS_TOO_HIGH', 'small, large'],
  ])('%s is denied by policy (%s), on record, with the nearest that it may use', async (model, rule, near) => {
    const { code, stdout } = await refused('--agent', 'native', '--prompt', 'x', '--model', model, '--json');

    const task = JSON.parse(stdout) as Told;
    expect(code).toBe(3);
    expect(task).toMatchObject({ state: 'denied', model, reasons: [{ code: rule }] });
    expect(JSON.stringify(task.reasons)).toContain(`nearest first: ${near}`);
    expect(await show('evidence', 'show', task.task)).toContain(`model asked for: ${model}`);
    const decisions = place.rows<{ action: string; allow: number }>(
      `select action, allow from policy_decision where task = '${task.task}' order by id`,
    );
    expect(decisions.map(({ action, allow }) => [/"name":"([^"]+)"/.exec(action)?.[1], allow])).toEqual([
      ['task.submit', 1],
      ['model.call', 0],
    ]);
  });

  it('can be chosen from a list that says what it costs and whether the tenant may use it', async () => {
    const text = await show('gateway', 'models', '--tenant', 'one');

    expect(text).toMatch(/^small +double +local +restricted +\$1 in, \$4 out +1 +yes$/m);
    expect(text).toMatch(/^large +double .* 2 +yes$/m);
    expect(text).toMatch(/^large-abroad +abroad +far .*no: REGION_NOT_ALLOWED$/m);
    expect(text).toMatch(/^small-open .*no: DATA_CLASS_TOO_HIGH$/m);
    expect(text).toMatch(/^unpriced .*unknown in, unknown out +no: PRICE_UNKNOWN$/m);
  });

  it('is said to every kind of agent; maestro/auto is the ladder, and a recipe has none', async () => {
    const writer = { runner: 'command', program: '/bin/sh', args: ['-c', 'echo {model} > model.txt'] };
    writeFileSync(join(place.data, 'agents.yaml'), JSON.stringify({ agents: { writer } }));

    const large = (await place.submit('writer', 'write it', ['--model', 'large', '--wait'])) as Told;
    const said = await show('change', 'diff', String((large as unknown as { change: string }).change));
    const auto = (await place.submit('writer', 'again', ['--model', 'maestro/auto', '--wait'])) as Told;
    const recipe = await refused('--recipe', 'rename-api', '--param', 'from=greet', '--model', 'large');

    expect(large.state).toBe('landed');
    expect(said).toContain('+large');
    expect(auto).toMatchObject({ state: 'landed', model: null });
    expect([recipe.code, recipe.stderr]).toEqual([2, expect.stringContaining('a recipe needs no model')]);
  });

  it('is taken by the HTTP API too, and refused there with the same reasons', async () => {
    await using house = await openHouse({ dataDir: place.data });
    const by = person('root');
    await giveRoles(house, platform(house), { id: 'human:root', roles: ['platform-admin'], by });
    const { text } = await createKey(house, platform(house), { for: 'human:root', roles: ['platform-admin'], by });
    await using served = await serve(house, { host: '127.0.0.1', port: 0 });
    const post = async (work: object) => {
      const headers = { authorization: `Bearer ${text}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ repo: 'greet', work });
      const answer = await fetch(`${served.url}/api/v1/tenants/one/tasks`, { method: 'POST', headers, body });
      return { status: answer.status, body: (await answer.json()) as object };
    };
    const agent = { kind: 'agent', name: 'native', prompt: 'Say it simply' };

    const list = await fetch(`${served.url}/api/v1/tenants/one/models/usable`, {
      headers: { authorization: `Bearer ${text}` },
    });
    const taken = await post({ ...agent, model: 'large' });
    const unknown = await post({ ...agent, model: 'larg' });
    const recipe = await post({ kind: 'recipe', name: 'rename-api', params: {}, model: 'large' });

    const { items } = (await list.json()) as { items: readonly { model: string }[] };
    expect(items.map(({ model }) => model)).toEqual(['small', 'large', 'large-abroad', 'small-open', 'unpriced']);
    expect(taken).toMatchObject({ status: 201, body: { model: 'large' } });
    expect(unknown).toMatchObject({
      status: 422,
      body: {
        code: 'WORK_INVALID',
        details: { reasons: [{ code: 'MODEL_UNKNOWN', fix: expect.stringContaining('large, small') }] },
      },
    });
    expect(recipe.status).toBe(400);
  });
});

/** The predicate of one statement of an exported folder. */
function statementIn(folder: string, name: string): unknown {
  const bundle = JSON.parse(readFileSync(join(folder, `${name}.sigstore.json`), 'utf8')) as {
    dsseEnvelope: { payload: string };
  };
  const text = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
  return (JSON.parse(text) as { predicate: unknown }).predicate;
}
