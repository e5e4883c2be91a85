import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { test } from 'node:test';
import { Book, makeServer } from '../src/index.js';

async function read(server, path) {
  const [response] = await once(
    get({ host: '127.0.0.1', port: server.address().port, path, agent: false }),
    'response',
  );
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

test('the server tells balances and answers 404 to the rest', { timeout: 10_000 }, async () => {
  const book = new Book();
  book.add({ day: '2026-01-02', debit: 'bank', credit: 'sales', amount: 500 });
  const server = makeServer(book).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const balance = await read(server, '/balance');
  const csv = await read(server, '/entries.csv');
  const nothing = await read(server, '/nothing');
  server.close();

  assert.equal(JSON.parse(balance.body).balanced, true);
  assert.equal(csv.body.split('\n').length, 2);
  assert.equal(nothing.status, 404);
});
