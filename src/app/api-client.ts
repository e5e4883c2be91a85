import { fetchTransport } from '#adapters/api-client/index.ts';
import { type Client, client } from '#api/index.ts';

export { ApiProblem, type Client } from '#api/index.ts';

/** A client of the Maestro at this address, with a key of `maestro key create`: the entry `maestro-conductor/client`. */
export function maestroClient(at: { readonly url: string; readonly key?: string }): Client {
  return client({ ...at, send: fetchTransport });
}
