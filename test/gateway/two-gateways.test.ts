import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayStats as Stats } from '#app/gateway/stats.ts';
import type { BudgetDocument } from '#app/tenants/budgets.ts';
import { Place, type Program } from '../../bench/gateway/place.ts';
import { ENGINES, startEngine, type StorePlaces } from '../engines/stores.ts';

// Gateways are processes of their own here, and so is the double of providers, whose invoice is the second opinion.

const PRICES = { mini: { input: '1', output: '4' } };
const body = (text: string, more: object = {}): string =>
  JSON.stringify({ model: 'mini', messages: [{ role: 'user', content: text }], max_tokens: 50, ...more });

describe.each(ENGINES)('gateways on %s', (engine) => {
  let places: StorePlaces | undefined;
  let place: Place;
  let double: Program;
  const gateways: Program[] = [];
  const invoice = (): string => join(place.dir, 'invoice.jsonl');
  /** Nano-dollars. */
  const billed = (): number =>
    readFileSync(invoice(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .reduce((sum, line) => sum + (JSON.parse(line) as { nano: number }).nano, 0);

  beforeAll(async () => {
    places = await startEngine(engine);
    if (places === undefined) return;
    place = new Place({ MAESTRO_LEASE: '2500ms', MAESTRO_HEARTBEAT: '1s', MAESTRO_LOG_LEVEL: 'error' });
    const at = places.next();
    mkdirSync(join(place.dir, 'data'), { recursive: true });
    const config = ['gateway.prices: prices.json'];
    if (at.engine === 'postgres') config.push('engine.store: postgres', `engine.postgresUrl: ${at.url}`);
    place.file('data/config.yaml', `${config.join('\n')}\n`);
    place.file('data/prices.json', JSON.stringify({ prices: { double: { mini: { input: 1, output: 4 } } } }));
    const files = [
      '--prices',
      place.file('list.json', JSON.stringify(PRICES)),
      '--invoice',
      place.file('invoice.jsonl', ''),
    ];
    double = await place.serve('gateway', 'double', '--port', '0', ...files);
    const local = { api: 'openai-compatible', region: 'local', dataClass: 'restricted', prices: 'double' };
    const url = `${double.url}/v1`;
    writeFileSync(
      join(place.dir, 'data', 'gateway.yaml'),
      JSON.stringify({
        providers: {
          double: { ...local, url },
          limited: { ...local, url, requestsPerMinute: 60 },
          gone: { ...local, url: 'http://127.0.0.1:9/v1' },
        },
        models: { mini: ['double/mini'], slow: ['limited/mini'], fallback: ['gone/mini', 'double/mini'] },
      }),
    );
    await place.maestro('tenant', 'add', 'red', '--budget-usd', '10');
    for (let i = 0; i < 2; i++) gateways.push(await place.serve('gateway', '--port', '0'));
  });
  afterAll(async () => {
    if (places === undefined) return;
    await Promise.all(gateways.map((each) => each.stop()));
    await double.stop();
    place[Symbol.dispose]();
    await places.stop();
  });

  const stats = (): Promise<Stats> => place.maestro<Stats>('gateway', 'stats', '--tenant', 'red');
  const row = ({ models }: Stats, provider: string) => models.find((each) => each.provider === provider);

  it('share the limits of one key, and stats tell who waits', async (context) => {
    const [one, two] = gateways;
    if (one === undefined || two === undefined) return context.skip();
    const token = await place.key('red');
    const since = Date.now();

    const calls = Array.from({ length: 13 }, (_, i) =>
      ask(i % 2 === 0 ? one : two, token, body('x', { model: 'slow' })),
    );
    const during = stats();
    const statuses = await Promise.all(calls.map(async (call) => (await call).status));

    // Ten at once, then one a second; each gateway on its own would let all thirteen pass.
    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(Date.now() - since).toBeGreaterThan(2500);
    expect((await during).waiting).toMatchObject([{ provider: 'limited', tenant: 'red' }]);
    const after = await stats();
    expect(row(after, 'limited')?.waitedMs).toBeGreaterThan(4000);
    expect(after.waiting).toEqual([]);
  });

  it('know from each other which place is out of order', async (context) => {
    const [one, two] = gateways;
    if (one === undefined || two === undefined) return context.skip();
    const token = await place.key('red');
    const call = body('x', { model: 'fallback' });

    for (let i = 0; i < 5; i++) expect((await ask(one, token, call)).status).toBe(200);
    const tries = async (): Promise<number | undefined> => row(await stats(), 'gone')?.calls;
    await expect.poll(tries, { timeout: 10_000 }).toBe(5);
    // It is told each second. On its own it would have to find out by five calls, as the first did.
    const before: (number | undefined)[] = [];
    while (before.at(-1) !== (await tries()) && before.length < 4) {
      before.push(await tries());
      expect((await ask(two, token, call)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }

    expect(before.at(-1)).toBe(await tries());
  });

  it('settle what a killed one left at its bound, and an invoice brings it down to what was billed', async (context) => {
    const [dies] = gateways;
    if (dies === undefined) return context.skip();
    const token = await place.key('red', '--max-usd', '1');
    await ask(dies, token, body('whole'));
    const broken = await ask(dies, token, body('long {{tokens=40}}{{delay=200}}', { stream: true }));
    expect(broken.first).toContain('data:');

    await dies.kill();
    await expect(broken.rest()).rejects.toThrow();
    const open = await until(stats, (each) => (row(each, 'double')?.unknownUsd ?? 0) > 0);
    await until(
      async () => billed(),
      (nano) => nano === billed(),
    );
    const more = await place.maestro<{ corrected: number }>('gateway', 'reconcile', '--invoice', invoice());
    const again = await place.maestro<{ corrected: number }>('gateway', 'reconcile', '--invoice', invoice());
    const known = await stats();

    expect(costOf(open)).toBeGreaterThan(billed());
    expect([more.corrected, again.corrected]).toEqual([1, 0]);
    expect(row(known, 'double')?.unknownUsd).toBe(0);
    expect(costOf(known)).toBe(billed());
    // What the living one holds for the next calls it gives back when none come.
    const budget = await until(
      () => place.maestro<BudgetDocument[]>('budget', 'show', '--scope', 'tenant:red'),
      ([each]) => each?.heldUsd === 0,
    );
    expect(budget).toMatchObject([{ spentUsd: billed() / 1e9, heldUsd: 0 }]);
  });

  it('end what is under way before they stop, so that it costs what was billed and nothing stays held', async (context) => {
    const [, stops] = gateways;
    if (stops === undefined) return context.skip();
    const token = await place.key('red', '--max-usd', '1');
    const whole = ask(stops, token, body('whole {{delay=1500}}'));
    const streamed = await ask(stops, token, body('long {{tokens=40}}{{delay=30}}', { stream: true }));
    expect(streamed.first).toContain('data:');

    await Promise.all([stops.stop(), streamed.rest(), whole.then(({ rest }) => rest())]);

    const [known, budget] = await Promise.all([
      stats(),
      place.maestro<BudgetDocument[]>('budget', 'show', '--scope', 'tenant:red'),
    ]);
    expect((await whole).status).toBe(200);
    expect(row(known, 'double')?.unknownUsd).toBe(0);
    expect(costOf(known)).toBe(billed());
    expect(budget).toMatchObject([{ spentUsd: billed() / 1e9, heldUsd: 0 }]);
  });
});

/** Nano-dollars. */
function costOf({ models }: Stats): number {
  return models.reduce((sum, each) => sum + Math.round(each.costUsd * 1e9), 0);
}

/** Resolves with the beginning of the answer. */
async function ask(gateway: Program, token: string, text: string) {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: text,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader?.read())?.value ?? '';
  const rest = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  return { status: answer.status, first, rest };
}

async function until<T>(look: () => Promise<T>, found: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await look();
    if (found(value) || tries === 40) return value;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
