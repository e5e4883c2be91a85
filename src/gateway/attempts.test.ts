import { describe, expect, it, vi } from 'vitest';
import { ManualClock, millis, nextTurn } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { nanoUsd } from '#kernel/money.ts';
import { seededRandom } from '#kernel/random.ts';
import type { DecisionId, PrincipalId, TenantId } from '#domain/ids.ts';
import { KeptAnswers } from './cache/kept-answers.ts';
import { Catalog } from './catalog.ts';
import { GatewayError } from './errors.ts';
import { Gateway } from './gateway.ts';
import type { VirtualKey } from './key.ts';
import { Purses } from './money/purses.ts';
import type { AnswerCache, CachedAnswer, EndedCall, Outages, Upstream, UpstreamAnswer } from './ports.ts';
import { PriceBook } from './prices/price-book.ts';
import { Breakers } from './routing/breaker.ts';
import { ProviderLimits } from './routing/limits.ts';
import { Stop } from './stop.ts';

const SOON = { interval: 1 };
const AT = { api: 'openai', url: 'http://127.0.0.1:9/v1', region: 'local', dataClass: 'internal' } as const;
const CATALOG = Catalog.read('a test', {
  providers: { one: { ...AT, prices: 'openai' } },
  models: { small: ['one/gpt-4o-mini'] },
});
const KEY: VirtualKey = {
  id: 'key-1',
  tenant: 'red' as TenantId,
  principal: 'human:ada' as PrincipalId,
  grants: [],
  models: [],
  scopes: ['key:1'],
  priority: 'lo',
  createdAt: millis(0),
  expiresAt: millis(1e9),
};

/** A gateway whose money, record and cache are in memory, with one provider that answers as told. */
function world(send: Upstream['send'], odd: { outages?: Partial<Outages>; cache?: Partial<AnswerCache> } = {}) {
  const clock = new ManualClock(1000);
  const ids = new Ids({ clock, random: seededRandom(1) });
  const seen = { ended: [] as EndedCall[], failures: 0, logged: [] as string[] };
  const log = { log: (_level: string, text: string) => void seen.logged.push(text) };
  const kept = new Map<string, CachedAnswer>();
  const cache: AnswerCache = {
    find: async (_tenant, key) => kept.get(key),
    keep: async (_tenant, key, answer) => void kept.set(key, answer),
    ...odd.cache,
  };
  const outages: Outages = {
    all: async () => new Map(),
    failed: async (_place, restsUntil) => ({ failures: ++seen.failures, restsUntil }),
    over: async () => undefined,
    ...odd.outages,
  };
  const brakes = { stopped: () => undefined, weight: () => 1 };
  const nano = nanoUsd(1e12);
  const gateway = new Gateway({
    catalog: CATALOG,
    keys: { find: async () => KEY },
    plans: { planFor: () => Promise.reject(new Error('nobody asks for a plan')) },
    brakes,
    breakers: new Breakers({ clock, log, outages }),
    prices: new PriceBook([]),
    purses: new Purses({
      holds: { take: async () => ({ kind: 'held', key: 'hold-1', nano }), settle: async () => undefined },
      clock,
      log,
    }),
    policy: { ask: async () => ({ allow: true, decision: 'dec-1' as DecisionId }) },
    upstream: { send },
    kept: new KeptAnswers({ cache, clock, ids, log, keepMs: 60_000 }),
    limits: new ProviderLimits({ clock, ids, brakes, lines: { play: async () => [] } }),
    book: {
      open: async () => undefined,
      end: (call) => void seen.ended.push(call),
      written: async () => true,
    },
    clock,
    ids,
    log,
    drainMs: 5000,
  });
  const ask = (headers: { readonly [name: string]: string } = {}) => {
    const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'x' }], temperature: 0 });
    const from = { 'x-api-key': 'mk_1', ...headers };
    return gateway.answer({ format: 'chat', body, bytes: body.length, headers: from, gone: new Stop() });
  };
  return { gateway, clock, seen, ask };
}

const SAID = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
};

function answer(status: number): UpstreamAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    text: async () => JSON.stringify(status === 200 ? SAID : { error: { message: 'no' } }),
    chunks: () => expect.fail('no stream was asked for'),
  };
}

describe('attempts at a provider', () => {
  it('that the gateway itself ends, since it stops, are no outage', async () => {
    const { gateway, clock, seen, ask } = world((_call, stop) => {
      const { promise, reject } = Promise.withResolvers<never>();
      stop.on(({ message }) => reject(new GatewayError('UPSTREAM_GARBLED', message)));
      return promise;
    });

    const asked = ask();
    await nextTurn();
    const closed = gateway.close();
    clock.advance(5000);
    await nextTurn();
    clock.advance(200);
    await closed;

    expect(await asked).toMatchObject({ status: 503, headers: { 'x-maestro-error': 'GATEWAY_STOPPING' } });
    expect(seen).toMatchObject({ failures: 0, ended: [{ source: 'bound' }] });
  });

  it('with one idempotency key come one after the other, until one is answered', async () => {
    const statuses = [400, 200];
    const { seen, ask } = world(async () => answer(statuses.shift() ?? 500));
    const own = { 'idempotency-key': 'mine' };

    const answers = await Promise.all([ask(own), ask(own), ask(own)]);

    expect(answers.map(({ status }) => status)).toEqual([400, 200, 200]);
    expect(seen.ended.map(({ source }) => source)).toEqual(['refused', 'reported', 'cache']);
  });

  it.each([
    ['fail and then succeed', 200, ['refused', 'reported']],
    ['fail', 500, ['refused', 'refused']],
  ])('that %s are accounted and answered, also when nobody can be told so', async (_what, status, sources) => {
    const refuses = () => Promise.reject(new Error('the disk is full'));
    const statuses = [500, status];
    const { clock, seen, ask } = world(async () => answer(statuses.shift() ?? status), {
      outages: { failed: refuses, over: refuses },
    });

    const asked = ask();
    await vi.waitFor(() => {
      clock.advance(200);
      if (seen.ended.length < 2) throw new Error('the second round is to come');
    }, SOON);

    expect((await asked).status).toBe(status);
    expect(seen.ended.map(({ source }) => source)).toEqual(sources);
    expect(seen.logged).toEqual(Array(2).fill('others could not be told how a provider does'));
  });

  it('are answered also when the answer cannot be kept', async () => {
    const { seen, ask } = world(async () => answer(200), {
      cache: { keep: () => Promise.reject(new Error('the disk is full')) },
    });

    expect((await ask()).status).toBe(200);
    expect(seen.logged).toEqual(['an answer could not be kept']);
  });
});
