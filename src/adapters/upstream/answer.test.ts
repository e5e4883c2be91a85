import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stop } from '#gateway/index.ts';
import { Answer } from './answer.ts';

let say: (response: ServerResponse) => void = () => undefined;
const server = createServer((request, response) => {
  request.resume();
  say(response);
});
let pool: Pool;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await pool.destroy();
  server.closeAllConnections();
  server.close();
});

function ask(stop = new Stop()): Answer {
  const answer = new Answer({ stop, faultOf: (cause) => new Error(`fault: ${String(cause)}`) });
  pool.dispatch({ method: 'POST', path: '/', body: '{}' }, answer);
  return answer;
}

describe('an answer of a provider', () => {
  it('comes whole, with its head', async () => {
    say = (response) => response.writeHead(201, { 'x-a': 'b' }).end('grüße');

    const answer = await ask().begun;

    expect([answer.status, answer.headers['x-a'], await answer.text()]).toEqual([201, 'b', 'grüße']);
  });

  it('comes in pieces as they come, and a letter that was cut in two comes whole', async () => {
    const bytes = Buffer.from('aü');
    say = (response) => {
      response.writeHead(200).write(bytes.subarray(0, 2));
      setTimeout(() => response.end(bytes.subarray(2)), 20);
    };
    const pieces: string[] = [];

    for await (const piece of (await ask().begun).chunks()) pieces.push(piece);

    expect(pieces).toEqual(['a', 'ü']);
  });

  it('makes the provider wait for a slow reader', async () => {
    const [total, part] = [64 * 2 ** 20, Buffer.alloc(2 ** 20, 'x')];
    let written = 0;
    say = (response) => {
      const more = (): void => {
        while (written < total) {
          written += part.length;
          if (!response.write(part)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };

    const pieces = (await ask().begun).chunks();
    let read = ((await pieces.next()).value ?? '').length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ahead = written;
    for await (const piece of pieces) read += piece.length;

    expect(ahead).toBeLessThan(total / 2);
    expect(read).toBe(total);
  });

  it('that breaks off is a fault, also after its beginning', async () => {
    say = (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    const answer = await ask().begun;

    await expect(answer.text()).rejects.toThrow(/^fault: /);
  });

  it('ends when it is told to stop: before it was sent, before its beginning, in its middle', async () => {
    const before = new Stop();
    before.now(new Error('nobody waits'));
    await expect(ask(before).begun).rejects.toThrow('nobody waits');

    say = () => undefined;
    const silent = new Stop();
    const waiting = ask(silent).begun;
    setTimeout(() => silent.now(new Error('nobody waits')), 20);
    await expect(waiting).rejects.toThrow('nobody waits');

    say = (response) => void response.writeHead(200).write('begun');
    const middle = new Stop();
    const pieces = (await ask(middle).begun).chunks();
    expect((await pieces.next()).value).toBe('begun');
    middle.now(new Error('nobody waits'));
    await expect(pieces.next()).rejects.toThrow('nobody waits');
  });

  it('that is left early ends the connection', async () => {
    const left = new Promise((resolve) => {
      say = (response) => {
        response.on('close', resolve);
        response.writeHead(200).write('begun');
      };
    });

    for await (const _ of (await ask().begun).chunks()) break;

    await left;
  });
});
