import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireAddress } from '#adapters/webhook/index.ts';
import { isPublic } from '#adapters/webhook/public-address.ts';
import { Housekeeping } from '#app/upkeep/housekeeping.ts';
import { topUp } from '#app/tenants/tenants.ts';
import { createWebhook, handOnEvents, removeWebhook, testWebhook } from '#app/webhooks/webhooks.ts';
import { usd } from '#kernel/money.ts';
import { openPlace, type Place, ROOT } from './place.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let place: Place;
let url: string;
let stop: () => Promise<void>;
const received: Received[] = [];
let status = 200;

beforeAll(async () => {
  place = await openPlace();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await stop();
});

const signal = () => AbortSignal.timeout(20_000);

/** As the Standard Webhooks specification tells a receiver to check. */
function genuine({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

test('events of the tenant are told, signed, each at least once, again after a failure, and not to the removed', async () => {
  const { house, acme, umbra } = place;
  const { webhook, secret } = await createWebhook(house, acme.tenant, { url, types: ['budget.topped_up'], by: ROOT });

  await topUp(house, acme.tenant, usd(1), ROOT);
  await topUp(house, umbra.tenant, usd(1), ROOT);
  status = 503;
  await handOnEvents(house);
  await house.webhooks.outbox.drain(signal());
  const failed = received.splice(0);
  status = 200;
  await house.store.truth.run('update outbox set due_at = 0');
  await house.webhooks.outbox.drain(signal());
  await handOnEvents(house);
  await house.webhooks.outbox.drain(signal());

  expect(failed).toHaveLength(1);
  expect(received).toHaveLength(1);
  const [one] = received;
  expect(one && genuine(one, secret)).toBe(true);
  expect(one?.headers['webhook-id']).toBe(failed[0]?.headers['webhook-id']);
  expect(JSON.parse(one?.body ?? '')).toMatchObject({ type: 'budget.topped_up', tenant: 'acme' });
  expect(one && genuine({ ...one, body: one.body.replace('acme', 'umbra') }, secret)).toBe(false);
  const rows = JSON.stringify(await house.store.truth.all('select * from webhook'));
  expect(rows).not.toContain(secret.slice(6, 20));

  await testWebhook(house, acme.tenant, webhook.id, ROOT);
  expect(JSON.parse(received.at(-1)?.body ?? '')).toEqual({ type: 'webhook.test', tenant: 'acme' });
  const told = received.length;
  await topUp(house, acme.tenant, usd(1), ROOT);
  await handOnEvents(house);
  await removeWebhook(house, acme.tenant, webhook.id, ROOT);
  await house.webhooks.outbox.drain(signal());
  expect(received).toHaveLength(told);
});

test('what was told long ago is forgotten by housekeeping; what was not told stays', async () => {
  const { house, acme } = place;
  const put = (key: string, deliveredAt: number | null) =>
    house.store.truth.run(
      `insert into outbox (tenant, kind, key, payload, created_at, due_at, attempts, delivered_at)
       values ($1, 'other', $2, '{}', 1, 1, 0, $3)`,
      ...[acme.tenant.id, key, deliveredAt],
    );
  for (const [key, at] of [
    ['told', 1],
    ['fresh', house.clock.now()],
    ['waits', null],
  ] as const)
    await put(key, at);

  await new Housekeeping(house).round();

  const rows = await house.store.truth.all("select key from outbox where kind = 'other' order by key");
  expect(rows).toEqual([{ key: 'fresh' }, { key: 'waits' }]);
});

test('a webhook goes to public addresses only', () => {
  for (const bad of [
    'http://example.org/x',
    'https://127.0.0.1/x',
    'https://10.1.2.3/x',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/x',
    'https://[fd00::1]/x',
    'https://2130706433/x',
    'https://user:pass@example.org/x',
    'file:///etc/passwd',
    'nonsense',
  ]) {
    expect(() => requireAddress(bad, []), bad).toThrow(expect.objectContaining({ code: 'WEBHOOK_ADDRESS' }));
  }
  expect(requireAddress('https://hooks.example.org/x', []).host).toBe('hooks.example.org');
  expect(['8.8.8.8', '2606:4700::1111'].map(isPublic)).toEqual([true, true]);
  expect(['::ffff:10.0.0.1', '172.31.0.1', '100.64.0.1', 'localhost'].map(isPublic)).toEqual(Array(4).fill(false));
});
