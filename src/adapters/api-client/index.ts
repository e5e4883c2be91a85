import type { Transport } from '#api/ports.ts';

/** Sends requests of the client by the platform's own `fetch`. */
export const fetchTransport: Transport = (url, request) => fetch(url, request);
