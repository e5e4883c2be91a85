import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maestroClient } from '#app/api-client.ts';
import { giveRoles } from '#app/access/roles.ts';
import { API_BASE, openApi, ROUTES } from '#api/index.ts';
import { openPlace, type Place, ROOT } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = await openPlace({ MAESTRO_HTTP_STRANGER_REQUESTS_PER_MINUTE: '50', MAESTRO_HTTP_REQUESTS_PER_MINUTE: '200' });
});
afterAll(() => place[Symbol.asyncDispose]());

const api = (key?: string) => maestroClient({ url: place.url, ...(key === undefined ? {} : { key }) });
const admin = () => api(place.acme.keys['platform-admin']);

/** A request with headers that `fetch` does not let one set. */
function raw(path: string, headers: { readonly [name: string]: string }, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${place.url}${path}`, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the API', () => {
  it('does a request with an idempotency key once, and gives its answer again', async () => {
    const top = { params: { tenant: 'acme' }, body: { amountUsd: 5 } };
    const cap = (await admin().showBudget({ params: { tenant: 'acme' } })).capUsd ?? 0;

    const first = await admin().topUpBudget({ ...top, idempotencyKey: 'top-1' });
    const again = await Promise.all([1, 2, 3].map(() => admin().topUpBudget({ ...top, idempotencyKey: 'top-1' })));

    expect([first, ...again].map(({ capUsd }) => capUsd)).toEqual([cap + 5, cap + 5, cap + 5, cap + 5]);
    await expect(
      admin().topUpBudget({ ...top, body: { amountUsd: 6 }, idempotencyKey: 'top-1' }),
    ).rejects.toMatchObject({ problem: { code: 'IDEMPOTENCY_KEY_REUSED', status: 422 } });
  });

  it('carries out one of many requests that come at once with one key', async () => {
    const cap = (await admin().showBudget({ params: { tenant: 'umbra' } })).capUsd ?? 0;
    const ask = () =>
      admin()
        .topUpBudget({ params: { tenant: 'umbra' }, body: { amountUsd: 1 }, idempotencyKey: 'race' })
        .catch((error: unknown) => error);

    await Promise.all(Array.from({ length: 20 }, ask));

    expect((await admin().showBudget({ params: { tenant: 'umbra' } })).capUsd).toBe(cap + 1);
  });

  it('keeps no answer that holds a secret, and makes no second key', async () => {
    const ask = { params: { tenant: 'acme' }, body: { roles: ['viewer' as const] }, idempotencyKey: 'key-1' };
    const { text } = await api(place.acme.keys.operator).createKey(ask);

    await expect(api(place.acme.keys.operator).createKey(ask)).rejects.toMatchObject({
      problem: { code: 'IDEMPOTENCY_UNKNOWN', status: 409 },
    });
    const rows = await place.house.store.truth.all<{ body: string | null }>('select body from idempotent_answer');
    expect(rows.filter(({ body }) => body?.includes(text.slice(-43)))).toEqual([]);
  });

  it('pages through a list without leaving anything out', async () => {
    const all = await admin().listDecisions({ params: { tenant: 'acme' }, query: { limit: 200 } });
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const page = await admin().listDecisions({ params: { tenant: 'acme' }, query });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }

    expect(ids.slice(0, all.items.length)).toEqual(all.items.map(({ id }) => id));
    expect(all.items.length).toBeGreaterThan(3);
  });

  it('streams events as they come, goes on after the last one seen, and shows one tenant only', async () => {
    const stop = new AbortController();
    const { items } = await admin().listEvents({ params: { tenant: 'acme' }, query: { limit: 1000 } });
    const [, second] = items;
    const stream = await api(place.acme.keys.viewer).streamEvents({
      params: { tenant: 'acme' },
      lastEventId: second?.seq ?? 0,
      signal: stop.signal,
    });
    const seen: number[] = [];
    const tenants = new Set<string>();
    const fresh = admin().topUpBudget({ params: { tenant: 'acme' }, body: { amountUsd: 1 } });
    for await (const event of stream) {
      seen.push(event.seq);
      tenants.add(event.tenant);
      if (event.type === 'budget.topped_up' && event.seq > (items.at(-1)?.seq ?? 0)) break;
    }
    await fresh;
    stop.abort();

    expect(seen.slice(0, items.length - 2)).toEqual(items.slice(2).map(({ seq }) => seq));
    expect([...tenants]).toEqual(['acme']);
  });

  it('ends a stream whose key has lost its role', async () => {
    await giveRoles(place.house, place.acme.tenant, { id: 'human:acme-approver', roles: ['approver'], by: ROOT });
    const stream = await api(place.acme.keys.approver).streamEvents({ params: { tenant: 'acme' } });
    let ended = false;
    const reading = (async () => {
      for await (const _event of stream) ended = false;
      ended = true;
    })();

    await giveRoles(place.house, place.acme.tenant, { id: 'human:acme-approver', roles: [], by: ROOT });
    await reading;

    expect(ended).toBe(true);
  });

  it('refuses names that were made to point here, and lets addresses and localhost in', async () => {
    const port = new URL(place.url).port;

    expect(await raw('/api/v1/health', { host: `evil.example.org:${port}` })).toBe(421);
    expect(await raw('/git/acme/greeting.git/info/refs', { host: 'evil.example.org' })).toBe(421);
    expect(await raw('/', { host: `127.0.0.1.evil.example.org:${port}` })).toBe(421);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]', '10.0.0.7:4510']) {
      expect(await raw('/api/v1/health', { host })).toBe(200);
    }
  });

  it('counts requests for each key and says when to come back', async () => {
    const answers = await Promise.all(
      Array.from({ length: 210 }, () =>
        fetch(`${place.url}${API_BASE}/me`, { headers: { authorization: `Bearer ${place.umbra.keys.viewer}` } }),
      ),
    );

    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answers[0]?.headers.get('ratelimit-limit')).toBe('200');
    expect((await api(place.umbra.keys.operator).whoAmI({})).id).toBe('human:umbra-operator');
  });

  it('reads JSON only, of bounded size, and no prototype', async () => {
    const post = async (body: string, type: string): Promise<number> => {
      const headers = { authorization: `Bearer ${place.acme.keys.operator}`, 'content-type': type };
      const path = `/tenants/acme/changes/${place.acme.change.id}/comments`;
      return (await fetch(`${place.url}${API_BASE}${path}`, { method: 'POST', headers, body })).status;
    };

    expect(await post('{"body":"x"}', 'text/plain')).toBe(415);
    expect(await post(JSON.stringify({ body: 'x'.repeat(2 ** 20) }), 'application/json')).toBe(413);
    expect(await post('{"body":"x","__proto__":{"a":1}}', 'application/json')).toBe(400);
    expect(await post('{"body"', 'application/json')).toBe(400);
  });

  it('describes itself: one operation for each row, each with its answers and refusals', async () => {
    const document = (await (await fetch(`${place.url}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: { [path: string]: { [method: string]: { operationId: string; responses: object } } };
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

    expect(document.openapi).toBe('3.1.0');
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    expect(document).toEqual(JSON.parse(JSON.stringify(openApi(place.house.version))));
    const page = await (await fetch(`${place.url}/api/docs`)).text();
    expect(page).toContain('/tenants/{tenant}/tasks');
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });
});

it('a task may be cancelled, tried again and cancelled again: each end has its evidence', async () => {
  const key = place.acme.keys.operator;
  const { task } = await api(key).submitTask({
    params: { tenant: 'acme' },
    body: { repo: 'greeting', work: { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'hail' } } },
  });
  const params = { tenant: 'acme', task };

  await api(key).cancelTask({ params });
  await api(key).retryTask({ params });
  await api(key).cancelTask({ params });

  expect(await api(key).showEvidence({ params })).toMatchObject({ attempt: 2 });
  expect(await api(key).verifyEvidence({ params })).toMatchObject({ ok: true, failures: [] });
});

it('a task says which workers it needs, and waits in their pool; what is no label is refused', async () => {
  const key = place.acme.keys.operator;
  const work = { kind: 'recipe', name: 'rename-api', params: { from: 'greet', to: 'hail' } } as const;
  const submitNeeding = (needs: string[], name: string) =>
    api(key).submitTask({ params: { tenant: 'acme' }, body: { repo: 'greeting', work, needs, key: name } });

  expect(await submitNeeding(['gpu=true'], 'needs-gpu')).toMatchObject({ state: 'queued' });
  expect((await place.house.queue.of('gpu=true').counts()).find(({ tenant }) => tenant === 'acme')?.waiting).toBe(1);
  await expect(submitNeeding(['gpu = true'], 'needs-what')).rejects.toMatchObject({
    problem: { code: 'WORK_INVALID' },
  });
});
