import { journalStore } from '#adapters/sql/index.ts';
import { deliver, requireAddress } from '#adapters/webhook/index.ts';
import { Outbox } from '#journal/index.ts';
import type { House } from '../house.ts';
import { tellWebhook } from '../webhooks/webhooks.ts';
import type { Tools } from './tools.ts';

const LIMIT_MS = 10_000;

/** The way out for webhooks; `house` is asked when a message is told. */
export function webhookParts(
  { settings, clock, log }: Tools,
  { store }: Pick<House, 'store'>,
  house: () => House,
): House['webhooks'] {
  const hosts = settings['webhook.hosts'];
  const sql = store.truth;
  const tell = {
    webhook: (message: Parameters<typeof tellWebhook>[1], signal: AbortSignal) => tellWebhook(house(), message, signal),
  };
  return {
    outbox: new Outbox({ sql, store: journalStore, clock, log, deliver: tell, limitMs: LIMIT_MS }),
    requireAddress: (url) => void requireAddress(url, hosts),
    deliver: (delivery, signal) => deliver(delivery, hosts, signal),
  };
}
