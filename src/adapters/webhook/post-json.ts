import type { Json } from '#kernel/json.ts';

/** Posts a JSON document; rejects unless the answer is a success. The key lets a receiver see that it has it already. */
export async function postJson(
  url: string,
  document: Json,
  options: { readonly key: string; readonly signal: AbortSignal },
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': options.key },
    body: JSON.stringify(document),
    signal: options.signal,
    redirect: 'error',
  });
  await response.body?.cancel();
  // The address may hold a secret, so it is not told.
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
}
