import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { listOutages } from '#adapters/sql/index.ts';
import { resume, stop } from '#app/qos/stop.ts';
import { changeTenant } from '#app/tenants/tenants.ts';
import { person } from '#app/governance/principals.ts';
import { revokeKey } from '#app/gateway/keys.ts';
import type { Tenant } from '#domain/tenant.ts';
import { usd } from '#kernel/money.ts';
import { GatewayPlace } from './place.ts';

let place: GatewayPlace;
let red: Tenant;
let token: string;

beforeAll(async () => {
  place = await GatewayPlace.open();
  red = await place.tenant('red');
  ({ token } = await place.key(red));
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

type Asked = { readonly path?: string; readonly key?: string; readonly idempotency?: string; readonly body: unknown };

async function ask({ path = '/v1/chat/completions', key = token, idempotency, body }: Asked) {
  const answer = await request(place.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(idempotency === undefined ? {} : { 'idempotency-key': idempotency }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    code: answer.headers['x-maestro-error'],
    retry: answer.headers['x-should-retry'],
    text,
  };
}

const chat = (content: string, more: object = {}) => ({
  model: 'on-chat',
  messages: [{ role: 'user', content }],
  ...more,
});
const lastCall = async () => (await place.calls(red)).at(-1);

describe('what a client does wrong', () => {
  it.each([
    ['no JSON', '{"model":', 400, 'REQUEST_MALFORMED'],
    ['no object', '[]', 400, 'REQUEST_MALFORMED'],
    ['no model', { messages: [{ role: 'user', content: 'x' }] }, 400, 'REQUEST_MALFORMED'],
    ['no messages', { model: 'on-chat' }, 400, 'REQUEST_MALFORMED'],
    ['a length of zero', chat('x', { max_tokens: 0 }), 400, 'REQUEST_MALFORMED'],
    ['an unknown model', chat('x', { model: 'on-chatt' }), 404, 'MODEL_UNKNOWN'],
    ["a model by the provider's own name", chat('x', { model: 'gpt-4o-mini' }), 404, 'MODEL_UNKNOWN'],
    ['a prefixed model', chat('x', { model: 'openai/on-chat' }), 404, 'MODEL_UNKNOWN'],
    ['a model that nobody prices', chat('x', { model: 'unpriced' }), 403, 'PRICE_UNKNOWN'],
    ['a model in another region', chat('x', { model: 'only-abroad' }), 403, 'CALL_DENIED'],
    ['a dearer service tier', chat('x', { service_tier: 'priority' }), 400, 'PARAMETER_REFUSED'],
    ['a tool that runs at the provider', chat('x', { tools: [{ type: 'web_search' }] }), 400, 'PARAMETER_REFUSED'],
    ['a parameter that is not known', chat('x', { web_search_options: {} }), 400, 'PARAMETER_REFUSED'],
  ])('%s is refused before any money is held', async (_what, body, status, code) => {
    const before = (await place.calls(red)).length;
    const answer = await ask({ body });

    expect({ status: answer.status, code: answer.code, retry: answer.retry }).toEqual({ status, code, retry: 'false' });
    expect(await place.calls(red)).toHaveLength(before);
  });

  it('a request larger than the gateway takes is refused before anything is read', async () => {
    const before = (await place.calls(red)).length;

    const answer = await ask({ body: chat('x'.repeat(33 * 2 ** 20)) });

    expect([answer.status, answer.code]).toEqual([413, 'REQUEST_TOO_LARGE']);
    expect(await place.calls(red)).toHaveLength(before);
  });

  it('hanging up in the middle of a stream costs what the provider bills, not the bound', async () => {
    const answer = await request(`${place.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(chat('{{tokens=40}}{{delay=10}}', { stream: true, max_tokens: 5000 })),
    });
    for await (const _ of answer.body) break;

    const call = await vi.waitFor(async () => {
      const last = await lastCall();
      if (last?.source === null) throw new Error('it is still read');
      return last;
    }, 5000);

    const line = place.invoice().find((each) => each.call === call?.id);
    expect(call).toMatchObject({ source: 'reported', costNano: line?.nano });
    expect(call?.costNano).toBeLessThan(call?.boundNano ?? 0);
  });

  it('is told in the shape of its own format', async () => {
    const openai = await ask({ body: chat('x', { model: 'nope' }) });
    const anthropic = await ask({ path: '/v1/messages', body: { ...chat('x', { model: 'nope' }), max_tokens: 5 } });

    expect(JSON.parse(openai.text)).toMatchObject({
      error: { type: 'invalid_request_error', code: 'model_not_found' },
    });
    expect(JSON.parse(anthropic.text)).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });

  it('refuses state that is kept under the key of the company', async () => {
    const answer = await ask({
      path: '/v1/responses',
      body: { model: 'on-responses', input: 'x', previous_response_id: 'resp_of_another' },
    });

    expect(answer).toMatchObject({ status: 400, code: 'PARAMETER_REFUSED' });
  });
});

describe('what cannot be sent', () => {
  const json = { response_format: { type: 'json_object' } };
  const since = async (before: number) => (await place.calls(red)).slice(before);

  it.each([
    [
      'has no words in the format of the provider',
      chat('x', { ...json, model: 'on-messages' }),
      400,
      'PARAMETER_REFUSED',
    ],
    ['needs a key file that is gone', chat('x', { model: 'no-key' }), 500, 'GATEWAY_CONFIG_INVALID'],
  ])('since it %s is tried once, costs nothing and is no outage', async (_what, body, status, code) => {
    const before = (await place.calls(red)).length;
    const answer = await ask({ body });

    expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
    expect(await since(before)).toMatchObject([{ source: 'unsent', costNano: 0 }]);
    expect(await listOutages(place.house.store.queue)).toEqual(new Map());
  });

  it('to one provider goes to the next', async () => {
    const before = (await place.calls(red)).length;
    const answer = await ask({ body: chat('x', { ...json, model: 'messages-first' }) });

    expect(answer.status).toBe(200);
    expect((await since(before)).map(({ provider, source }) => [provider, source])).toEqual([
      ['messages', 'unsent'],
      ['chat', 'reported'],
    ]);
  });
});

describe('keys', () => {
  it('of the company, of nobody, expired, revoked and for other models are refused', async () => {
    const expired = await place.key(red, { lifeMs: 1 });
    const narrow = await place.key(red, { models: ['on-messages'] });
    const revoked = await place.key(red);
    await revokeKey(place.house, red, revoked.id, person('ada'));

    expect((await ask({ key: 'sk-company-secret', body: chat('x') })).code).toBe('KEY_UNKNOWN');
    expect((await ask({ key: 'mk_guessed', body: chat('x') })).code).toBe('KEY_UNKNOWN');
    expect((await ask({ key: expired.token, body: chat('x') })).code).toBe('KEY_EXPIRED');
    expect((await ask({ key: narrow.token, body: chat('x') })).code).toBe('MODEL_NOT_IN_KEY');
    expect((await ask({ key: revoked.token, body: chat('x') })).code).toBe('KEY_REVOKED');
  });

  it('of another tenant spend that tenant, and get nothing of this one', async () => {
    const blue = await place.tenant('blue');
    const other = await place.key(blue);
    const body = chat('the same question', { temperature: 0 });
    await ask({ body });
    await ask({ key: other.token, body });

    expect((await place.calls(blue)).map(({ source }) => source)).toEqual(['reported']);
  });

  it('are bound to what policy allows their tenant now', async () => {
    const green = await place.tenant('green', { policy: { models: ['claude-haiku-4-5'] } });
    const { token: key } = await place.key(green);

    expect((await ask({ key, body: chat('x') })).text).toContain('is not allowed for tenant green');
    await changeTenant(place.house, green.id, (stands) => ({ ...stands, policy: {} }), person('ada'));
    expect((await ask({ key, body: chat('x') })).status).toBe(200);
  });
});

describe('what a provider does wrong', () => {
  it.each([
    ['gives no JSON', '{{fault=garbage}}', 502, 'UPSTREAM_GARBLED', 'bound'],
    ['breaks off', '{{fault=cut}}', 502, 'UPSTREAM_GARBLED', 'bound'],
    ['never answers', '{{fault=silent}}', 504, 'UPSTREAM_SILENT', 'bound'],
    ['fails', '{{fault=error}}', 500, undefined, 'refused'],
    ['limits', '{{fault=limit}}', 429, undefined, 'refused'],
    ['finds the prompt too long', '{{fault=too-long}}', 400, 'PROMPT_TOO_LONG', 'refused'],
    ['does not say what it used', '{{fault=no-usage}}', 200, undefined, 'bound'],
  ])('one that %s is accounted', async (_what, fault, status, code, source) => {
    const answer = await ask({ body: chat(`x ${fault}`, { max_tokens: 50 }) });

    expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
    const call = await lastCall();
    expect(call?.source).toBe(source);
    expect(call?.costNano).toBe(source === 'bound' ? call?.boundNano : 0);
  });

  it.each([
    ['stalls in a stream', '{{fault=stall}}{{tokens=40}}'],
    ['breaks off in a stream', '{{fault=cut}}{{tokens=40}}'],
    ['streams half a tool call', 'weather {{fault=half-tool}}'],
    ['streams garbage', '{{fault=garbage}}'],
  ])('one that %s ends in an error event, and is charged at the most', async (_what, text) => {
    const answer = await ask({ body: chat(text, { stream: true, max_tokens: 50 }) });

    expect(answer.status).toBe(200);
    expect(answer.text.trim().split('\n').at(-1)).toMatch(/"error":\{"message":".*(UPSTREAM_GARBLED|UPSTREAM_SILENT)/);
    expect(await lastCall()).toMatchObject({ source: 'bound' });
  });

  it('one that is not there is passed over for the next, and each attempt is on record', async () => {
    const before = (await place.calls(red)).length;
    const answer = await ask({ body: chat('x', { model: 'with-fallback' }) });

    expect(answer.status).toBe(200);
    expect((await place.calls(red)).slice(before).map(({ provider, source }) => [provider, source])).toEqual([
      ['gone', 'unsent'],
      ['chat', 'reported'],
    ]);
  });

  it('one that refuses the key of the company says nothing of it to the client', async () => {
    const answer = await ask({ body: chat('x', { model: 'no-access' }) });

    expect(answer).toMatchObject({ status: 502, code: 'UPSTREAM_REFUSED' });
    expect(answer.text).not.toContain('Incorrect API key');
  });
});

describe('money', () => {
  it('shortens an answer to what the budget affords, and refuses when there is none', async () => {
    const poor = await place.key(red, { capNano: usd(0.001) });
    const clamped = await ask({ key: poor.token, body: chat('x {{tokens=30000}}', { max_tokens: 32_000 }) });
    const call = await lastCall();
    const spent = await ask({ key: poor.token, body: chat('x'.repeat(8000)) });

    expect(clamped.status).toBe(200);
    expect(JSON.parse(clamped.text).choices[0].finish_reason).toBe('length');
    expect(call?.output).toBeGreaterThan(1000);
    expect(call?.costNano).toBeLessThanOrEqual(1_000_000);
    expect(spent).toMatchObject({ status: 429, code: 'BUDGET_SPENT', retry: 'false' });
  });

  it('of many first calls at once never passes the cap', async () => {
    const small = await place.key(red, { capNano: usd(0.01) });
    const before = (await place.calls(red)).length;
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        ask({ key: small.token, body: chat(`${i} {{tokens=2000}}{{delay=50}}`, { max_tokens: 5000 }) }),
      ),
    );
    const made = (await place.calls(red)).slice(before);

    expect(made.length).toBeGreaterThan(2);
    expect(made.reduce((sum, { costNano }) => sum + (costNano ?? 0), 0)).toBeLessThanOrEqual(10_000_000);
  });
});

describe('the answer cache', () => {
  it('gives the same answer to the same request of temperature 0, whole or as a stream, for nothing', async () => {
    const first = await ask({ body: chat('cached question', { temperature: 0 }) });
    const again = await ask({ body: chat('cached question', { temperature: 0 }) });
    const streamed = await ask({ body: chat('cached question', { temperature: 0, stream: true }) });
    const warm = await ask({ body: chat('cached question', { temperature: 1 }) });

    expect(again.text).toBe(first.text);
    expect(streamed.text).toContain('This is a double');
    expect(streamed.text).toContain('[DONE]');
    expect(warm.text).not.toBe(first.text);
    expect((await place.calls(red)).slice(-4).map(({ source }) => source)).toEqual([
      'reported',
      'cache',
      'cache',
      'reported',
    ]);
  });
});

describe('an idempotency key', () => {
  it('that is asked again while it is being answered is paid once', async () => {
    const before = (await place.calls(red)).length;
    const body = chat('x {{delay=300}}', { temperature: 1 });

    const [one, two, other] = await Promise.all([
      ask({ body, idempotency: 'again' }),
      ask({ body, idempotency: 'again' }),
      ask({ body, idempotency: 'another' }),
    ]);

    expect(two.text).toBe(one.text);
    expect(other.text).not.toBe(one.text);
    const sources = (await place.calls(red)).slice(before).map(({ source }) => source);
    expect(sources.toSorted()).toEqual(['cache', 'reported', 'reported']);
  });
});

describe('an emergency stop', () => {
  const SOON = { timeout: 10_000, interval: 250 };

  it('refuses the calls of the tenant within ten seconds, nobody else, until it is lifted', async () => {
    const amber = await place.tenant('amber');
    const other = await place.key(amber);
    const { house } = place;

    await stop(house, red, person('ada'));
    const stopped = () => ask({ body: chat('after the stop') });
    await expect
      .poll(stopped, SOON)
      .toMatchObject({ code: 'TENANT_STOPPED', text: expect.stringContaining('human:ada') });
    const untouched = await ask({ key: other.token, body: chat('after the stop') });
    await resume(house, red, person('ada'));
    const resumed = () => ask({ body: chat('after the resume') });

    expect(untouched.status).toBe(200);
    await expect.poll(resumed, SOON).toMatchObject({ status: 200 });
  });
});
