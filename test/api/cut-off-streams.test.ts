import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { appendEvent } from '#adapters/sql/index.ts';
import { API_BASE } from '#api/index.ts';
import { openPlace, type Place, ROOT } from './place.ts';

/** As many as one key may hold open. */
const MOST_STREAMS = 20;
/** More than the sockets of both ends take of an answer that nobody reads. */
const EVENTS = 16;
const EVENT_BYTES = 512 * 1024;

/** The head of a stream whose body nobody reads. */
function openStream(place: Place): Promise<{ sent: ClientRequest; answer: IncomingMessage }> {
  const headers = { authorization: `Bearer ${place.acme.keys.viewer}` };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${place.url}${API_BASE}/tenants/acme/events/stream`, { headers, agent: false });
    sent.on('response', (answer) => {
      answer.on('error', () => undefined); // cut off below
      resolve({ sent, answer });
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function happen(place: Place): Promise<void> {
  const { store, clock } = place.house;
  const { tenant, task } = place.acme;
  const about = { tenant: tenant.id, task: task.id, by: ROOT.id };
  const data = { text: 'x'.repeat(EVENT_BYTES) };
  for (let n = 0; n < EVENTS; n++) {
    await store.truth.tx((tx) => appendEvent(tx, clock.now(), { ...about, type: 'task.preempted', data }));
  }
}

test('streams whose clients go while the answer is full make room for others of their key', async () => {
  await using place = await openPlace();
  await happen(place);
  for (let n = 0; n < MOST_STREAMS; n++) {
    const { sent, answer } = await openStream(place);
    expect(answer.statusCode).toBe(200);
    await pause(50); // until the events are on their way
    sent.destroy();
  }

  await expect
    .poll(
      async () => {
        const { sent, answer } = await openStream(place);
        sent.destroy();
        return answer.statusCode;
      },
      { timeout: 5000, interval: 100 },
    )
    .toBe(200);
});
