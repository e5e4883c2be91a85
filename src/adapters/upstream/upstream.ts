import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errors, Pool } from 'undici';
import {
  GatewayError,
  type Provider,
  type Stop,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamCall,
} from '#gateway/ports.ts';
import { Answer } from './answer.ts';

/** Connections to one provider; a streamed answer holds one of them. */
const CONNECTIONS = 256;

interface Line {
  readonly pool: Pool;
  /** Path of the provider's url, before that of the call. */
  readonly prefix: string;
  readonly secrets: { readonly [name: string]: string };
}

/** Providers over HTTP/1.1 with kept connections. The company's keys are read from their files here and go nowhere else. */
export class HttpUpstream implements Upstream, AsyncDisposable {
  readonly #dir: string;
  readonly #answerMs: number;
  readonly #openSecret: (text: string) => string;
  readonly #lines = new Map<string, Line>();

  /** `answerMs`: longest wait for the answer to begin, and between two of its pieces. `openSecret` decrypts a key that is stored sealed. */
  constructor(options: { readonly dataDir: string; readonly answerMs: number; openSecret(text: string): string }) {
    this.#dir = options.dataDir;
    this.#answerMs = options.answerMs;
    this.#openSecret = (text) => options.openSecret(text);
  }

  send({ provider, path, headers, body }: UpstreamCall, stop: Stop): Promise<UpstreamAnswer> {
    const line = this.#lineOf(provider);
    const answer = new Answer({ stop, faultOf: (cause) => fault(provider, cause) });
    const head = { ...headers, ...line.secrets };
    line.pool.dispatch({ method: 'POST', path: line.prefix + path, headers: head, body }, answer);
    return answer.begun;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ pool }) => pool.destroy()));
  }

  #lineOf(provider: Provider): Line {
    const known = this.#lines.get(provider.name);
    if (known !== undefined) return known;
    const { origin, pathname } = new URL(provider.url);
    const pool = new Pool(origin, {
      connections: CONNECTIONS,
      headersTimeout: this.#answerMs,
      bodyTimeout: this.#answerMs,
      connectTimeout: Math.min(10_000, this.#answerMs),
    });
    const line = { pool, prefix: pathname.replace(/\/+$/, ''), secrets: this.#secretsOf(provider) };
    this.#lines.set(provider.name, line);
    return line;
  }

  #secretsOf({ name, api, keyFile }: Provider): Line['secrets'] {
    if (keyFile === undefined) return {};
    const path = resolve(this.#dir, keyFile);
    let key: string;
    try {
      key = this.#openSecret(readFileSync(path, 'utf8').trim()).trim();
    } catch (cause) {
      throw new GatewayError(
        'GATEWAY_CONFIG_INVALID',
        `the key file of ${name} cannot be read: ${path}`,
        { path },
        cause,
      );
    }
    return api === 'anthropic' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
  }
}

/** Before a connection stood nothing was sent; after it the provider may have worked, and billed. */
const NEVER_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

function fault({ name }: Provider, cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (NEVER_SENT.includes(code)) {
    return new GatewayError('UPSTREAM_UNREACHABLE', `${name} cannot be reached (${code})`, { provider: name }, cause);
  }
  if (cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError) {
    return new GatewayError('UPSTREAM_SILENT', `${name} has stopped answering`, { provider: name }, cause);
  }
  const what = code === '' ? 'the connection broke' : code;
  return new GatewayError('UPSTREAM_GARBLED', `${name} broke off its answer (${what})`, { provider: name }, cause);
}
