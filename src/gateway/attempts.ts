import { GatewayError } from './errors.ts';
import type { Target } from './catalog.ts';
import type { Attempt } from './attempt.ts';
import { Drains } from './drains.ts';
import { withoutTiers } from './formats/parameters.ts';
import type { Asking, ClientAnswer } from './asking.ts';
import { requestHeaders } from './headers.ts';
import type { Brakes, Upstream, UpstreamAnswer } from './ports.ts';
import { prepare, type PrepareParts } from './prepare.ts';
import { readAnswer } from './read-answer.ts';
import { readRefusal } from './read-refusal.ts';
import { Breakers } from './routing/breaker.ts';
import { translateRequest } from './translate/translate.ts';

export interface AttemptsParts extends PrepareParts {
  readonly upstream: Upstream;
  readonly brakes: Brakes;
  /** After a client hung up, how long its answer is still read to learn what it costs. */
  readonly drainMs: number;
}

/** Every place is tried so often before the client is told. */
const ROUNDS = 2;
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

type Tried =
  | { readonly kind: 'answered'; readonly answer: ClientAnswer }
  | { readonly kind: 'next'; readonly why: GatewayError | ClientAnswer };

/** Tries the places of a model in their order; each attempt is decided, paid and recorded before it is made. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #breakers = new Breakers();
  readonly #drains: Drains;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#drains = new Drains({ clock: parts.clock, drainMs: parts.drainMs });
  }

  /** Throws a GatewayError when no place gave an answer of its own. */
  async answer(asking: Asking): Promise<ClientAnswer> {
    const { clock } = this.#parts;
    let last: GatewayError | ClientAnswer | undefined;
    let attempt = 0;
    for (let round = 0; round < ROUNDS; round++) {
      if (round > 0) await clock.sleep(pauseAfter(last), asking.call.gone).catch(() => undefined);
      for (const target of asking.model.targets) {
        if (asking.call.gone.aborted) break;
        if (!this.#breakers.admits(placeOf(target), clock.now())) {
          last ??= new GatewayError('UPSTREAM_UNREACHABLE', `${target.provider.name} rests after failures`);
          continue;
        }
        const tried = await this.#try(asking, target, ++attempt);
        if (tried.kind === 'answered') return tried.answer;
        last = tried.why;
      }
    }
    if (last !== undefined && !(last instanceof GatewayError)) return last;
    throw last ?? new GatewayError('UPSTREAM_UNREACHABLE', `no provider of ${asking.model.name} was called`);
  }

  /** Waits for answers that are still read though nobody waits for them. */
  async close(): Promise<void> {
    await this.#drains.close();
  }

  async #try(asking: Asking, target: Target, number: number): Promise<Tried> {
    const attempt = await prepare(this.#parts, asking, target, number);
    const reading = this.#drains.reading(asking.call.gone);
    const sent = await this.#send(asking, attempt, reading.signal);
    if (sent instanceof GatewayError) {
      reading.done();
      this.#breakers.failed(placeOf(target), this.#parts.clock.now());
      await attempt.end({ source: sent.code === 'UPSTREAM_UNREACHABLE' ? 'unsent' : 'bound', status: 0 });
      return { kind: 'next', why: sent };
    }
    if (sent.status < 400) {
      this.#breakers.succeeded(placeOf(target));
      const read = await readAnswer(attempt, sent, reading);
      return read instanceof GatewayError ? { kind: 'next', why: read } : { kind: 'answered', answer: read };
    }
    const why = await readRefusal(attempt, sent).finally(() => reading.done());
    if (isOfClient(sent.status)) {
      this.#breakers.succeeded(placeOf(target));
      return why instanceof GatewayError ? { kind: 'next', why } : { kind: 'answered', answer: why };
    }
    this.#breakers.failed(placeOf(target), this.#parts.clock.now());
    return { kind: 'next', why };
  }

  /** A fault as a value; anything that is none is a bug, and still ends the attempt. */
  async #send(asking: Asking, attempt: Attempt, signal: AbortSignal): Promise<UpstreamAnswer | GatewayError> {
    try {
      return await this.#parts.upstream.send(
        {
          provider: attempt.target.provider,
          path: attempt.wire.path,
          headers: requestHeaders(attempt, asking.call.headers),
          body: JSON.stringify(outgoing(asking, attempt)),
        },
        signal,
      );
    } catch (error) {
      if (error instanceof GatewayError) return error;
      await attempt.end({ source: 'bound', status: 0 });
      throw error;
    }
  }
}

/** The request as this provider reads it: its format, its name of the model, the length that was paid for. */
function outgoing({ body }: Asking, { client, wire, asked, open, target }: Attempt): object {
  const plain = withoutTiers(body);
  return wire.settle(client === wire ? plain : translateRequest(plain, client.name, wire.name), {
    model: target.model,
    maxOutput: open.maxOutput,
    stream: asked.stream,
    maxField: target.provider.api === 'openai' ? 'max_completion_tokens' : 'max_tokens',
  });
}

function placeOf({ provider, model }: Target): string {
  return `${provider.name}/${model}`;
}

/** A fault of the request itself, which another provider would refuse as well. */
function isOfClient(status: number): boolean {
  return status < 500 && status !== 429 && status !== 408;
}

/** What the provider asks for, within bounds. */
function pauseAfter(last: GatewayError | ClientAnswer | undefined): number {
  const asked = last instanceof GatewayError || last === undefined ? undefined : Number(last.headers['retry-after']);
  return asked === undefined || !(asked > 0) ? PAUSE_MS : Math.min(asked * 1000, LONGEST_PAUSE_MS);
}
