import { DatabaseSync } from 'node:sqlite';
import { Agent, request } from 'undici';
import { type InvoiceLine, readInvoice } from '#adapters/provider-double/index.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { Place, type Program } from './gateway/place.ts';
import { type BenchResult, benchResult, target } from './result.ts';

const CALLS = 10_000;
const PARALLEL = 64;
/** The small key's cap, which binds long before the end. */
const SMALL_USD = 0.02;
const PRICES = {
  'gpt-4o-mini': { input: '0.15', output: '0.6', cacheRead: '0.075' },
  'claude-haiku-4-5': { input: '1', output: '5', cacheRead: '0.1', cacheWrite: '1.25' },
};

/** Many calls of every kind through the gateway, which is killed on the way; then its rows against the invoice of the double. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const first = await firstCalls();
  using place = new Place({ MAESTRO_LEASE: '3s', MAESTRO_HEARTBEAT: '1s', MAESTRO_GATEWAY_ANSWER_TIMEOUT: '2s' });
  const invoice = place.file('invoice.jsonl', '');
  const double = await startDouble(place, invoice);
  place.file('data/gateway.yaml', gatewayFile(double.url));
  await place.maestro('tenant', 'add', 'red', '--budget-usd', '1000');
  let gateway = await place.serve('gateway', '--port', '0');
  const keys = { large: await place.key('red'), small: await place.key('red', '--max-usd', String(SMALL_USD)) };
  const client = new Client(keys, seededRandom(seed));
  const watch = new Caps(place.database);
  try {
    const since = performance.now();
    await client.make(
      CALLS / 2,
      () => gateway.url,
      async (made) => {
        if (made % 250 === 0) watch.look();
        if (made !== CALLS / 4) return;
        await gateway.kill(); // with 64 calls under way
        gateway = await place.serve('gateway', '--port', new URL(gateway.url).port);
      },
    );
    await client.make(
      CALLS / 2,
      () => gateway.url,
      async (made) => {
        if (made % 250 === 0) watch.look();
      },
    );
    const seconds = (performance.now() - since) / 1000;
    await settled(place.database);
    const before = compare(place.database, readInvoice(invoice));
    await place.maestro('gateway', 'reconcile', '--invoice', invoice, '--complete');
    const after = compare(place.database, readInvoice(invoice));
    await gateway.stop();
    watch.look();
    return result({ seed, first, before, after, perSecond: Math.round(CALLS / seconds), client, watch });
  } finally {
    watch.close();
    await gateway.stop();
    await double.stop();
  }
}

interface Figures {
  readonly seed: number;
  readonly first: Awaited<ReturnType<typeof firstCalls>>;
  readonly before: ReturnType<typeof compare>;
  readonly after: ReturnType<typeof compare>;
  readonly perSecond: number;
  readonly client: Client;
  readonly watch: Caps;
}

function result({ seed, first, before, after, perSecond, client, watch }: Figures): BenchResult {
  return benchResult({
    bench: 'gateway-invoice',
    seed,
    rows: [
      { of: 'calls of clients', ...client.outcomes, perSecond },
      { of: 'before the invoice was read', ...before },
      { of: 'after it was read', ...after },
      { of: 'caps', looks: watch.looks, over: watch.over, smallKeySpentUsd: watch.spent() },
      { of: '200 first calls at once on $1.00, 32k tokens each', ...first },
    ],
    targets: [
      target('calls through the gateway', client.outcomes.calls, '>=', CALLS),
      target('reported rows that differ from the invoice', before.differ, '=', 0),
      target('lines of the invoice without a row', before.missing, '=', 0),
      target('rows below the invoice, nano-dollars', before.below, '=', 0),
      target('rows minus invoice once it was read, nano-dollars', after.rowsNano - after.invoiceNano, '=', 0),
      target('looks at which a scope was above its cap', watch.over, '=', 0),
      target('small key, dollars spent', watch.spent(), '<=', SMALL_USD),
      target('200 first calls on $1.00: dollars spent', first.spentUsd, '<=', 1),
      target('200 first calls on $1.00: dollars of the invoice', first.invoiceUsd, '<=', 1),
      target('a 32k-token request on a small budget is clamped: tokens', first.clampedTo, '>=', 16),
    ],
  });
}

function startDouble(place: Place, invoice: string): Promise<Program> {
  const prices = place.file('prices.json', JSON.stringify(PRICES));
  return place.serve('gateway', 'double', '--prices', prices, '--invoice', invoice);
}

/** The first provider of the fallback model refuses connections, so every call to it is a fallback. */
function gatewayFile(url: string): string {
  const at = { region: 'local', dataClass: 'internal' };
  return JSON.stringify({
    providers: {
      openai: { api: 'openai', url: `${url}/v1`, ...at },
      anthropic: { api: 'anthropic', url: `${url}/v1`, ...at },
      gone: { api: 'openai', url: 'http://127.0.0.1:9/v1', prices: 'openai', ...at },
    },
    models: {
      mini: ['openai/gpt-4o-mini'],
      haiku: ['anthropic/claude-haiku-4-5'],
      fallback: ['gone/gpt-4o-mini', 'openai/gpt-4o-mini'],
    },
  });
}

const FORMATS = ['chat', 'responses', 'messages'] as const;
const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const;
const MODELS = ['mini', 'haiku', 'fallback'];
const FAULTS = [
  '',
  '',
  '',
  '',
  '',
  '',
  '{{fault=limit:1 N}}',
  '{{fault=error:1 N}}',
  '{{fault=cut}}',
  '{{fault=no-usage}}',
];

class Client {
  readonly outcomes = { calls: 0, answered: 0, hungUp: 0, overBudget: 0, failed: 0, broken: 0 };
  readonly #keys: { readonly large: string; readonly small: string };
  readonly #random: Random;
  readonly #agent = new Agent({ connections: PARALLEL, headersTimeout: 20_000, bodyTimeout: 20_000 });

  constructor(keys: { large: string; small: string }, random: Random) {
    this.#keys = keys;
    this.#random = random;
  }

  async make(calls: number, url: () => string, after: (made: number) => Promise<void>): Promise<void> {
    let made = 0;
    const worker = async (): Promise<void> => {
      while (made < calls) {
        made++;
        await Promise.all([this.#one(url), after(made)]);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  }

  async #one(url: () => string): Promise<void> {
    const number = ++this.outcomes.calls;
    const pick = <T>(from: readonly T[]): T => from[this.#random.integer(from.length)] as T;
    const format = pick(FORMATS);
    const stream = this.#random.next() < 0.5;
    const fault = pick(FAULTS).replace('N', String(number));
    const text = `call ${number} {{tokens=${10 + this.#random.integer(90)}}} ${'word '.repeat(this.#random.integer(400))}${fault}`;
    const hangUp = stream && this.#random.next() < 0.1;
    const key = this.#random.next() < 0.2 ? this.#keys.small : this.#keys.large;
    const body = JSON.stringify(bodyOf(format, pick(MODELS), stream, hangUp ? `${text}{{delay=5}}` : text));
    await this.#ask(url, PATHS[format], key, body, hangUp);
  }

  /** A gateway that is not there is asked again, as every client library does. */
  async #ask(url: () => string, path: string, key: string, body: string, hangUp: boolean): Promise<void> {
    for (;;) {
      try {
        const answer = await request(url() + path, {
          method: 'POST',
          dispatcher: this.#agent,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body,
        });
        for await (const _ of answer.body) if (hangUp) break;
        if (answer.statusCode === 429) this.outcomes.overBudget++;
        else if (answer.statusCode !== 200) this.outcomes.failed++;
        else if (hangUp) this.outcomes.hungUp++;
        else this.outcomes.answered++;
        return;
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code !== 'ECONNREFUSED') return void this.outcomes.broken++;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
}

function bodyOf(format: (typeof FORMATS)[number], model: string, stream: boolean, text: string): object {
  const messages = [{ role: 'user', content: text }];
  if (format === 'responses') return { model, stream, input: text, max_output_tokens: 200 };
  return { model, stream, messages, max_tokens: 200 };
}

/** Looks at the ledger from outside, as another program would. */
class Caps {
  looks = 0;
  over = 0;
  readonly #path: string;
  #database: DatabaseSync | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  look(): void {
    this.#database ??= new DatabaseSync(this.#path, { readOnly: true });
    this.looks++;
    const rows = this.#database
      .prepare(
        'select count(*) as n from ledger_scope where cap_nano is not null and spent_nano + held_nano > cap_nano',
      )
      .all();
    this.over += Number(rows[0]?.['n'] ?? 0);
  }

  /** Of the small key, dollars. */
  spent(): number {
    const database = new DatabaseSync(this.#path, { readOnly: true });
    const rows = database
      .prepare(`select spent_nano as n from ledger_scope where scope like 'key:%' and cap_nano = ?`)
      .all(BigInt(Math.round(SMALL_USD * 1e9)));
    database.close();
    return Number(rows[0]?.['n'] ?? 0) / 1e9;
  }

  close(): void {
    this.#database?.close();
  }
}

/** Until no call is under way: dead gateways' calls are settled once their lease has passed. */
async function settled(path: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true });
  for (let tries = 0; tries < 300; tries++) {
    const [row] = database.prepare('select count(*) as n from model_call where ended_at is null').all();
    if (Number(row?.['n']) === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  database.close();
}

function compare(path: string, lines: readonly InvoiceLine[]) {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = new Map(
    database
      .prepare('select id, cost_nano, source from model_call')
      .all()
      .map((row) => [String(row['id']), row]),
  );
  database.close();
  let [differ, missing, below, rowsNano, invoiceNano, bound] = [0, 0, 0, 0, 0, 0];
  for (const { call, nano } of lines) {
    invoiceNano += nano;
    const row = rows.get(call);
    if (row === undefined) missing++;
    else if (row['source'] === 'bound') below += Math.max(0, nano - Number(row['cost_nano']));
    else if (Number(row['cost_nano']) !== nano) differ++;
  }
  for (const row of rows.values()) {
    rowsNano += Number(row['cost_nano'] ?? 0);
    if (row['source'] === 'bound') bound++;
  }
  return { rows: rows.size, lines: lines.length, bound, differ, missing, below, rowsNano, invoiceNano };
}

/** Two hundred first calls at once, each asking for 32 000 tokens, on a budget of one dollar; then one more on what is left. */
async function firstCalls() {
  using place = new Place();
  const invoice = place.file('invoice.jsonl', '');
  const double = await startDouble(place, invoice);
  place.file('data/gateway.yaml', gatewayFile(double.url));
  await place.maestro('tenant', 'add', 'red', '--budget-usd', '1000');
  await place.maestro('tenant', 'add', 'poor', '--budget-usd', '0.01');
  const gateway = await place.serve('gateway', '--port', '0');
  try {
    const token = await place.key('red', '--max-usd', '1');
    const poor = await place.key('poor');
    const body = (text: string): string =>
      JSON.stringify({ ...bodyOf('messages', 'haiku', false, text), max_tokens: 32_000 });
    const ask = (key: string, text: string) =>
      request(`${gateway.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': key }, body: body(text) }).then(
        async (answer) => {
          await answer.body.text();
          return answer.statusCode;
        },
      );
    const statuses = await Promise.all(
      Array.from({ length: 200 }, (_, i) => ask(token, `first ${i} {{tokens=20000}}{{delay=200}}`)),
    );
    const clamped = await ask(poor, 'long {{tokens=32000}}');
    await gateway.stop();
    const database = new DatabaseSync(place.database, { readOnly: true });
    const [row] = database
      .prepare(`select spent_nano as n from ledger_scope where scope like 'key:%' and cap_nano = 1000000000`)
      .all();
    const [last] = database.prepare(`select max_output as n from model_call where tenant = 'poor'`).all();
    database.close();
    const ofRed = readInvoice(invoice).slice(0, -1);
    return {
      answered: statuses.filter((status) => status === 200).length,
      refused: statuses.filter((status) => status !== 200).length,
      spentUsd: Number(row?.['n'] ?? 0) / 1e9,
      invoiceUsd: ofRed.reduce((sum, line) => sum + line.nano, 0) / 1e9,
      clampedStatus: clamped,
      clampedTo: clamped === 200 ? Number(last?.['n'] ?? 0) : 0,
    };
  } finally {
    await gateway.stop();
    await double.stop();
  }
}
