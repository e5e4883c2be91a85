import type { FastifyReply, FastifyRequest } from 'fastify';
import { drained } from '#kernel/drained.ts';
import type { Event } from '#domain/event.ts';
import { ApiError } from '#api/index.ts';

/** The number after which a client that was cut off wants to go on. Throws REQUEST_INVALID. */
export function lastEventId({ headers }: FastifyRequest): number | undefined {
  const id = headers['last-event-id'];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && /^\d{1,15}$/.test(id)) return Number(id);
  throw new ApiError('REQUEST_INVALID', 'Last-Event-ID is the number of an event');
}

/** Sends events as they come until the client goes, the stream ends, or `still` says that it may no longer be told. */
export async function sendEvents(
  reply: FastifyReply,
  batches: AsyncIterable<readonly Pick<Event, 'seq' | 'type'>[]>,
  still: () => Promise<boolean>,
): Promise<void> {
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...headersOf(reply),
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  });
  raw.write(': open\n\n');
  try {
    for await (const batch of batches) {
      if (raw.destroyed || !(await still())) break;
      const text = batch.map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      if (!raw.write(text.length === 0 ? ': alive\n\n' : text.join(''))) await drained(raw);
    }
  } finally {
    raw.end();
  }
}

function headersOf(reply: FastifyReply): { [name: string]: string } {
  const headers = Object.entries(reply.getHeaders());
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}
