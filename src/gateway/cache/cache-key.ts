import { digestOf } from '#kernel/digest.ts';
import type { Json } from '#kernel/json.ts';
import type { Asking } from '../asking.ts';

/** What changes who asks and how it is delivered, but not what is asked. */
const NOT_ASKED = ['stream', 'stream_options', 'user', 'metadata', 'safety_identifier', 'prompt_cache_key', 'store'];

/**
 * Name of the one answer that this request must have: the whole request with a temperature of 0, or the client's own
 * idempotency key. Undefined for everything else: what is random is asked anew.
 */
export function cacheKey({ body, asked, call, key, model }: Asking): string | undefined {
  const own = call.headers['idempotency-key'];
  const mode = call.headers['x-maestro-cache'];
  if (mode === 'skip' || asked.choices !== 1) return undefined;
  if (!asked.repeatable && typeof own !== 'string') return undefined;
  const said = Object.fromEntries(Object.entries(body).filter(([name]) => !NOT_ASKED.includes(name)));
  return digestOf({
    format: call.format,
    model: model.name,
    // An own key is good within its run only.
    ...(typeof own === 'string' ? { own, of: key.run ?? key.id } : {}),
    // The cast is true: it was parsed from JSON.
    said: said as Json,
  });
}
