import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Place, type Turn } from '../agents/place.ts';
import { GREETING, maestro, run } from '../e2e/maestro.ts';
import { rowsIn } from '../engines/sealed-rows.ts';
import { filesOf, type Found, scan } from './scan.ts';

// One run of the product with secrets planted wherever it is given some: everything that it prints, writes, sends and keeps
// is searched for them.

const MAESTRO = new URL('../../bin/maestro.js', import.meta.url).pathname;
const PROVIDER_KEY = 'sk-canary-provider-4b1f0e6a92';
/** Stands in a prompt, so it has to be found wherever prompts are: else the search is blind there. */
const CONTROL = 'canary-control-77d1c3e5b8';
const SECRETS: { [name: string]: string } = {
  'provider key': PROVIDER_KEY,
  'second provider key': 'sk-canary-plain-0f62a7d4c1',
  'client secret': 'canary-oidc-client-9c2e41',
  'carbon token': 'canary-carbon-token-d2f8',
  'password of an address': 'canary-url-password-5ae0',
  'master key': '',
};
const ENV = { MAESTRO_OIDC_CLIENT_SECRET: SECRETS['client secret'], MAESTRO_CARBON_TOKEN: SECRETS['carbon token'] };

const call = (name: string, args: object): Turn => ({ calls: [{ name, arguments: args }] });
const RULES = [
  {
    contains: 'Say it simply',
    turns: [
      call('edit', { path: 'src/greet.js', old: 'Hello, ${name}', new: "Hello, ${[name].join('')}" }),
      call('test', {}),
      call('finish', { kind: 'change', summary: 'Say hello simply' }),
    ],
  },
];

let place: Place;
const printed: Found = new Map();
const sent: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
/** What the provider was shown as key. */
const keysSeen = new Set<string>();
let upstream: ReturnType<typeof createServer>;

/** Between gateway and double: keeps what the provider is sent. */
function recorder(double: string) {
  return createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const piece of request) body += String(piece);
      const { authorization = '', ...headers } = request.headers;
      keysSeen.add(authorization);
      sent.push({ headers, body });
      const answer = await fetch(`${double}${request.url}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body,
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  });
}

let count = 0;
/** Runs a command; what it prints is searched, but `told`, which it tells once because it was asked for. */
async function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}, told = ''): Promise<string> {
  const { stdout, stderr } = await maestro(place.data, args, { ...place.env, ...ENV, ...env });
  const name = `${++count} maestro ${args.slice(0, 2).join(' ')}`;
  printed.set(`stdout of ${name}`, told === '' ? stdout : '');
  printed.set(`stderr of ${name}`, stderr);
  return stdout;
}

async function sealed(secret: string): Promise<string> {
  const line = `printf %s '${secret}' | '${process.execPath}' '${MAESTRO}' secret seal --data-dir '${place.data}'`;
  return (await run('/bin/sh', ['-c', line])).stdout;
}

async function connect(): Promise<void> {
  upstream = recorder(place.double);
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  const { port } = upstream.address() as AddressInfo;
  const file = join(place.data, 'gateway.yaml');
  const gateway = JSON.parse(readFileSync(file, 'utf8')) as { providers: { [name: string]: object } };
  const provider = { ...gateway.providers['double'], url: `http://127.0.0.1:${port}/v1`, keyFile: 'provider.key' };
  const down = { ...provider, url: 'http://127.0.0.1:1/v1', keyFile: 'plain.key' };
  const providers = { down, double: provider };
  const to = (...targets: string[]) => ({ small: { targets, contextWindow: 200_000 } });
  const models = to('down/small', 'double/small');
  writeFileSync(file, JSON.stringify({ ...gateway, providers, models, auto: ['small'] }));
  // A provider that is down is tried again for a minute, a key that cannot be read is not.
  writeFileSync(
    join(place.dir, 'one-place.json'),
    JSON.stringify({ ...gateway, providers, models: to('double/small') }),
  );
  writeFileSync(join(place.data, 'prices.json'), JSON.stringify({ prices: { double: PRICES, down: PRICES } }));
  writeFileSync(join(place.data, 'provider.key'), await sealed(PROVIDER_KEY), { mode: 0o600 });
  writeFileSync(join(place.data, 'plain.key'), `${SECRETS['second provider key']}\n`, { mode: 0o600 });
  const leaky = { runner: 'command', program: '/bin/sh', args: ['-c', 'env; env >&2; exit 3'], env: { KEY: '{key}' } };
  const careless = { ...leaky, args: ['-c', 'echo "$KEY" > settings.env'] };
  writeFileSync(join(place.data, 'agents.yaml'), JSON.stringify({ agents: { leaky, careless } }));
}

const PRICES = { small: { input: 1, output: 4, cacheRead: 0.1 } };

/** Secrets that the product makes itself. */
async function made(): Promise<void> {
  await cli(['principal', 'set', 'service:ci', '--tenant', 'one', '--role', 'operator']);
  const key = await cli(
    ['key', 'create', '--for', 'service:ci', '--tenant', 'one', '--role', 'operator', '--json'],
    {},
    'key',
  );
  SECRETS['API key'] = (JSON.parse(key) as { text: string }).text;
  const hook = await cli(['webhook', 'add', '--tenant', 'one', 'https://hooks.example.org/x', '--json'], {}, 'secret');
  SECRETS['webhook secret'] = (JSON.parse(hook) as { secret: string }).secret;
  const model = await cli(['gateway', 'key', 'add', '--tenant', 'one', '--max-usd', '1', '--json'], {}, 'token');
  SECRETS['model key'] = (JSON.parse(model) as { token: string }).token;
  const keys = join(place.data, 'keys');
  SECRETS['master key'] = readFileSync(join(keys, 'master.key'), 'utf8').trim();
  for (const name of readdirSync(keys).filter((each) => each.endsWith('.pem'))) {
    SECRETS[name] = readFileSync(join(keys, name), 'utf8').split('\n')[1] ?? '';
  }
}

async function served(): Promise<void> {
  const { url, child, said } = await up();
  const ask = (path: string, key: string) =>
    fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } }).then((answer) => answer.text());
  const key = SECRETS['API key'] ?? '';
  const paths = ['/api/v1/me', '/api/v1/tenants/one/tasks', '/api/v1/tenants/one/events', '/api/v1/tenants/one/audit'];
  for (const path of [...paths, '/api/v1/tenants/one/keys', '/api/v1/tenants/none']) {
    printed.set(`answer to ${path}`, await ask(path, key));
    printed.set(`refusal of ${path}`, await ask(path, `${key}x`));
  }
  const models = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRETS['model key']}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'nothing that the script knows' }] }),
  });
  printed.set('answer of the gateway', JSON.stringify([...models.headers]) + (await models.text()));
  const address = url.replace('http://', `http://any:${key}@`);
  const { stdout, stderr } = await run('git', ['ls-remote', `${address}/git/one/none.git`], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
  printed.set('git', stdout + stderr);
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  printed.set('output of maestro up', said());
}

async function up() {
  const { url, child } = await place.start(['up', '--port', '0', '--json'], ENV);
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (text += piece.toString()));
  return { url, child, said: () => text };
}

beforeAll(async () => {
  place = await Place.make(RULES);
  await place.tenant({ ...GREETING, 'README.md': 'A greeting.\n' });
  await connect();
  await made();
  await cli(['config', 'show']);
  const password = SECRETS['password of an address'];
  await cli(['repo', 'add', '--tenant', 'one', '--name', 'far', `https://ada:${password}@127.0.0.1:1/x.git`]);
  const submit = ['submit', '--tenant', 'one', '--repo', 'greet'];
  await cli([...submit, '--agent', 'native', '--prompt', `Say it simply (${CONTROL})`]);
  await cli([...submit, '--agent', 'leaky', '--prompt', 'Show what you know']);
  await cli([...submit, '--agent', 'careless', '--prompt', 'Write down what you know']);
  await cli(['worker', '--until-idle'], { MAESTRO_TEST_KILL_AT: 'check:after', MAESTRO_LOG_LEVEL: 'debug' });
  await cli(['worker', '--until-idle'], { MAESTRO_LOG_LEVEL: 'debug' });
  await served();
  for (const { id } of rowsIn<{ id: string }>(place.data, 'select id from task')) {
    await cli(['task', 'show', id]);
    await cli(['evidence', 'show', id]);
    await cli(['evidence', 'export', id, '--out', join(place.dir, 'evidence', id)]);
  }
  await cli(['audit', 'export']);
  await cli(['gateway', 'stats', '--json']);
  writeFileSync(join(place.data, 'provider.key'), 'sealed:nonsense', { mode: 0o600 });
  copyFileSync(join(place.dir, 'one-place.json'), join(place.data, 'gateway.yaml'));
  await cli([...submit, '--agent', 'native', '--prompt', 'Say it simply again', '--wait']);
  await cli(['gateway', 'serve'], { MAESTRO_GATEWAY_PRICES: 'provider.key' });
}, 170_000);

afterAll(async () => {
  upstream?.close();
  await place?.[Symbol.asyncDispose]();
});

/** What the database says to whoever has the keys. */
function tables(): Found {
  const names = rowsIn<{ name: string }>(place.data, "select name from sqlite_master where type = 'table'");
  return new Map(
    names.map(({ name }) => [`table ${name}`, JSON.stringify(rowsIn(place.data, `select * from ${name}`))]),
  );
}

const prompts = (): Found =>
  new Map(sent.map(({ headers, body }, i) => [`request ${i}`, JSON.stringify(headers) + body]));
const kept = (): Found => filesOf(place.data, (path) => path.startsWith('keys/') || path === 'plain.key');
const evidence = (): Found => filesOf(join(place.dir, 'evidence'), () => false);

describe('a whole run with secrets in every place', () => {
  test('works: the task landed, with the provider’s key from its sealed file, through a crash', () => {
    const states = rowsIn<{ state: string }>(place.data, 'select state from task order by id').map(
      ({ state }) => state,
    );
    expect(states.slice(0, 3)).toEqual(['landed', 'failed', 'failed']);
    const why = rowsIn<{ reasons: string }>(place.data, 'select reasons from task order by id')[2]?.reasons;
    expect(why).toContain('KEY_IN_CHANGE');
    expect([...keysSeen]).toEqual([`Bearer ${PROVIDER_KEY}`]);
    expect(rowsIn<{ n: number }>(place.data, 'select max(epoch) as n from run')[0]?.n).toBeGreaterThan(1);
    expect(Object.keys(SECRETS).length).toBeGreaterThan(10);
  });

  test('tells no secret: not in output, answers, logs, prompts, evidence, rows or files', () => {
    expect(scan(SECRETS, printed, prompts(), evidence(), tables(), kept())).toEqual([]);
  });

  test('tells no key of a run either, though its agent printed it; it has ended with the run', async () => {
    const everything = [printed, prompts(), evidence(), tables()].flatMap((found) => [...found]);
    expect(everything.some(([, text]) => text.includes('KEY=[key]'))).toBe(true);
    expect(everything.filter(([, text]) => /\bmk_[A-Za-z0-9_-]{43}/.test(text)).map(([where]) => where)).toEqual([]);
    const ofRuns = rowsIn<{ run: string; revoked_at: number | null }>(
      place.data,
      'select run, revoked_at from gateway_key where run is not null',
    );
    expect(ofRuns.length).toBeGreaterThan(1);
    expect(ofRuns.filter(({ revoked_at }) => revoked_at === null)).toEqual([]);
  });

  test('is searched where it matters: what stands in a prompt is found in prompts, evidence and rows, and in no bytes of the database', () => {
    const control = { control: CONTROL };

    expect(scan(control, prompts()).length).toBeGreaterThan(0);
    expect(scan(control, evidence()).length).toBeGreaterThan(0);
    expect(scan(control, tables())).toContain('control in table task');
    expect(scan(control, printed).length).toBeGreaterThan(0);
    expect(scan(control, kept()).filter((hit) => hit.includes('maestro.db'))).toEqual([]);
  });

  test.each([
    ['as it is', (secret: string) => secret],
    ['in base64', (secret: string) => Buffer.from(`x: ${secret};`).toString('base64')],
    ['in hex', (secret: string) => Buffer.from(secret).toString('hex')],
    ['in an address', (secret: string) => encodeURIComponent(secret)],
  ])('a leak is found %s', (_, leak) => {
    const secret = 'sk/canary+leak=0123456789';

    expect(scan({ secret }, new Map([['there', `before ${leak(secret)} after`]]))).toEqual(['secret in there']);
  });
});
