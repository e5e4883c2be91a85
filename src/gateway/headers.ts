import type { FormatName } from './formats/format.ts';
import type { Attempt } from './attempt.ts';

const KEPT =
  /^(retry-after|retry-after-ms|x-should-retry|x-ratelimit-.+|anthropic-ratelimit-.+|request-id|x-request-id|openai-.+)$/;
/** The same facts under the names of each format. */
const LIMIT_NAMES: readonly (readonly [openai: string, anthropic: string])[] = ['limit', 'remaining', 'reset'].flatMap(
  (fact) =>
    ['requests', 'tokens'].map(
      (unit) => [`x-ratelimit-${fact}-${unit}`, `anthropic-ratelimit-${unit}-${fact}`] as const,
    ),
);

type Headers = { readonly [name: string]: string };

/** What the provider gets: nothing of the client but what changes the meaning of the request. */
export function requestHeaders(
  { wire, client, open }: Attempt,
  from: { readonly [name: string]: string | string[] | undefined },
): Headers {
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    'x-client-request-id': open.id,
  };
  if (wire.name !== 'messages') return headers;
  headers['anthropic-version'] = '2023-06-01';
  const beta = from['anthropic-beta'];
  if (client.name === 'messages' && typeof beta === 'string') headers['anthropic-beta'] = beta;
  return headers;
}

/** What the client gets of the provider's headers: limits, retries and request ids. */
export function answerHeaders(headers: Headers, wire: FormatName, client: FormatName): { [name: string]: string } {
  const kept: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) if (KEPT.test(name)) kept[name] = value;
  if ((wire === 'messages') === (client === 'messages')) return kept;
  for (const [openai, anthropic] of LIMIT_NAMES) {
    const [from, to] = client === 'messages' ? [openai, anthropic] : [anthropic, openai];
    const value = kept[from];
    if (value === undefined) continue;
    delete kept[from];
    kept[to] = value;
  }
  return kept;
}

export function upstreamRequestId(headers: Headers): string | undefined {
  return headers['x-request-id'] ?? headers['request-id'];
}
