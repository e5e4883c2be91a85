import type { House } from '../house.ts';
import { handOnEvents } from './webhooks.ts';

const EVERY_MS = 1000;

/** Tells webhooks of events until aborted; safe in several processes at once. */
export async function tellWebhooks(house: House, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await handOnEvents(house);
      await house.webhooks.outbox.drain(signal);
    } catch (error) {
      if (!signal.aborted) house.log.log('error', 'webhooks were not told', { error: String(error) });
    }
    await house.clock.sleep(EVERY_MS, signal).catch(() => undefined);
  }
}
