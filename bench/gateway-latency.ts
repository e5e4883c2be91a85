import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { Place, startProgram } from './gateway/place.ts';
import { startPortkey } from './gateway/portkey.ts';
import { type BenchResult, benchResult, median, target } from './result.ts';

const WARM = 500;
const SAMPLES = 1000;
const ROUNDS = 3;
const PARALLEL = 16;
const SECONDS = 2;

/** One way to the upstream. */
interface Way {
  readonly name: string;
  readonly pool: Pool;
  readonly headers: { readonly [name: string]: string };
}

interface Measured {
  readonly p50: number;
  readonly p95: number;
  readonly firstByte: number;
  readonly perSecond: number;
}

const program = (name: string): string => fileURLToPath(new URL(`./gateway/${name}.ts`, import.meta.url));
const BODY = {
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Say that this is a double. '.repeat(20) }],
  max_tokens: 100,
};

/** The same upstream directly, through a raw proxy, through the gateway with all that it does, and through Portkey, in turns. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  using place = new Place({ MAESTRO_LOG_LEVEL: 'error' });
  const upstream = await startProgram([program('upstream')]);
  const raw = await startProgram([program('raw-proxy'), upstream.url]);
  const at = { api: 'openai', url: `${upstream.url}/v1`, region: 'local', dataClass: 'internal' };
  place.file(
    'data/gateway.yaml',
    JSON.stringify({ providers: { openai: at }, models: { 'gpt-4o-mini': ['openai/gpt-4o-mini'] } }),
  );
  await place.maestro('tenant', 'add', 'red', '--budget-usd', '100000');
  const gateway = await place.serve('gateway', '--port', '0');
  const token = await place.key('red');
  const portkey = await startPortkey(new URL(upstream.url).hostname);
  const way = (name: string, url: string, headers: Way['headers'] = {}): Way => ({
    name,
    pool: new Pool(url, { connections: 64 }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const ways = [
    way('direct', upstream.url),
    way('raw proxy', raw.url),
    way('gateway', gateway.url, { authorization: `Bearer ${token}` }),
    ...(portkey === undefined
      ? []
      : [
          way('portkey', portkey.url, {
            authorization: 'Bearer none',
            'x-portkey-provider': 'openai',
            'x-portkey-custom-host': `${upstream.url}/v1`,
          }),
        ]),
  ];
  try {
    for (const each of ways) await warm(each);
    const measured = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const each of round % 2 === 0 ? ways : ways.toReversed()) measured.get(each.name)?.push(await measure(each));
    }
    return result(seed, measured, portkey?.version);
  } finally {
    await Promise.all(ways.map(({ pool }) => pool.destroy()));
    await portkey?.[Symbol.asyncDispose]();
    await gateway.stop();
    await raw.stop();
    await upstream.stop();
  }
}

function result(
  seed: number,
  measured: ReadonlyMap<string, readonly Measured[]>,
  portkey: string | undefined,
): BenchResult {
  const of = (name: string, fact: keyof Measured): number | null => {
    const rounds = measured.get(name);
    return rounds === undefined || rounds.length === 0 ? null : median(rounds.map((each) => each[fact]));
  };
  const added = (name: string): number => (of(name, 'p50') ?? 0) - (of('direct', 'p50') ?? 0);
  const peer = of('portkey', 'perSecond');
  return benchResult({
    bench: 'gateway-latency',
    seed,
    rows: [
      ...[...measured.keys()].map((name) => ({
        way: name,
        p50Ms: of(name, 'p50'),
        p95Ms: of(name, 'p95'),
        addedP50Ms: added(name),
        firstByteMs: of(name, 'firstByte'),
        perSecond: of(name, 'perSecond'),
      })),
      {
        way: 'configuration',
        route: 'POST /v1/chat/completions',
        bodyBytes: JSON.stringify(BODY).length,
        keepAlive: true,
        parallel: PARALLEL,
        gateway:
          'one process as `maestro gateway` starts it: virtual key, policy opa-wasm, ledger and record in SQLite (record written in groups, by a thread when they are large), public prices',
        portkey:
          portkey === undefined
            ? null
            : `@portkey-ai/gateway ${portkey}, one process, provider openai, custom host, no key check, no budget`,
      },
    ],
    targets: [
      target('added p50 against that of a raw undici proxy, times', added('gateway') / added('raw proxy'), '<=', 3),
      target('added p50, ms', added('gateway'), '<=', 1),
      target(
        'first byte of a stream later than direct, ms',
        (of('gateway', 'firstByte') ?? 0) - (of('direct', 'firstByte') ?? 0),
        '<=',
        2,
      ),
      target(
        'throughput against @portkey-ai/gateway, times',
        peer === null ? null : (of('gateway', 'perSecond') ?? 0) / peer,
        '>=',
        3,
      ),
    ],
  });
}

async function warm(way: Way): Promise<void> {
  const answer = await call(way, false);
  if (answer.status !== 200) throw new Error(`${way.name} answers ${answer.status}: ${answer.text}`);
  for (let i = 0; i < WARM; i++) await call(way, false);
}

async function measure(way: Way): Promise<Measured> {
  const times: number[] = [];
  for (let i = 0; i < SAMPLES; i++) times.push((await call(way, false)).ms);
  const sorted = times.toSorted((a, b) => a - b);
  const first: number[] = [];
  for (let i = 0; i < 10; i++) first.push((await call(way, true)).firstMs);
  return {
    p50: median(sorted),
    p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
    firstByte: median(first),
    perSecond: await throughput(way),
  };
}

async function throughput(way: Way): Promise<number> {
  const until = performance.now() + SECONDS * 1000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await call(way, false);
      done++;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return Math.round(done / SECONDS);
}

async function call({ pool, headers }: Way, stream: boolean) {
  const since = performance.now();
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers,
    body: JSON.stringify(stream ? { ...BODY, stream } : BODY),
  });
  if (!stream) return { status: statusCode, text: await body.text(), ms: performance.now() - since, firstMs: 0 };
  let firstMs = 0;
  for await (const _ of body) firstMs ||= performance.now() - since;
  return { status: statusCode, text: '', ms: performance.now() - since, firstMs };
}
