import { createHmac } from 'node:crypto';
import type { Millis } from '#kernel/clock.ts';
import { WebhookError } from './errors.ts';
export { type Reach, reachOf } from './reach.ts';
import { isPublic, publicLookup } from './public-address.ts';

export { WEBHOOK_ERRORS, WebhookError, type WebhookErrorCode } from './errors.ts';

/** One message, signed as Standard Webhooks 1.0.0 says: HMAC-SHA-256 over `id.timestamp.body`. */
export interface Delivery {
  readonly url: string;
  /** The same for each attempt, so that a receiver can drop what it has seen. */
  readonly id: string;
  readonly at: Millis;
  readonly body: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

export function signatureOf({ id, at, body, secret }: Omit<Delivery, 'url'>): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const text = `${id}.${Math.floor(at / 1000)}.${body}`;
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

/** Throws WEBHOOK_ADDRESS for an address that is not public and not among the hosts that may be private. */
export function requireAddress(url: string, hosts: readonly string[]): URL {
  const at = URL.canParse(url) ? new URL(url) : undefined;
  if (at !== undefined && hosts.includes(at.hostname)) return at;
  const literal = at?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const open = at?.protocol === 'https:' && (isPublic(literal) || /[a-z]/i.test(literal)) && !literal.includes(':');
  if (at !== undefined && open && at.username === '') return at;
  throw new WebhookError('WEBHOOK_ADDRESS', `${JSON.stringify(url)} is not where a webhook may go`);
}

/** Tells one message. Follows no redirect; throws WEBHOOK_FAILED unless the answer is 2xx. */
export async function deliver(delivery: Delivery, hosts: readonly string[], signal: AbortSignal): Promise<void> {
  const at = requireAddress(delivery.url, hosts);
  const trusted = hosts.includes(at.hostname);
  const { Agent, fetch } = await import('undici'); // loaded when the first message goes out
  const agent = new Agent(trusted ? {} : { connect: { lookup: publicLookup } });
  try {
    const answer = await fetch(at, {
      method: 'POST',
      body: delivery.body,
      redirect: 'manual',
      signal,
      dispatcher: agent,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'maestro-conductor',
        'webhook-id': delivery.id,
        'webhook-timestamp': String(Math.floor(delivery.at / 1000)),
        'webhook-signature': signatureOf(delivery),
      },
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WebhookError('WEBHOOK_FAILED', `${at.host} was not told: ${why}`, cause);
  } finally {
    await agent.destroy();
  }
}
export { postJson } from './post-json.ts';
