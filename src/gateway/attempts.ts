import { GatewayError } from './errors.ts';
import type { Target } from './catalog.ts';
import type { Attempt } from './attempt.ts';
import { withBreakpoints } from './cache/breakpoints.ts';
import type { KeptAnswers } from './cache/kept-answers.ts';
import { Drains, type Reading } from './drains.ts';
import type { FormatName, JsonObject } from './formats/format.ts';
import { withoutTiers } from './formats/parameters.ts';
import type { Asking, ClientAnswer } from './asking.ts';
import { requestHeaders } from './headers.ts';
import type { VirtualKey } from './key.ts';
import type { Brakes, CostSource, Upstream, UpstreamAnswer } from './ports.ts';
import { prepare, type PrepareParts } from './prepare.ts';
import { readAnswer } from './read-answer.ts';
import { readRefusal } from './read-refusal.ts';
import type { Breakers } from './routing/breaker.ts';
import type { Stop } from './stop.ts';
import { translateRequest } from './translate/translate.ts';

export interface AttemptsParts extends PrepareParts {
  readonly upstream: Upstream;
  readonly kept: KeptAnswers;
  readonly brakes: Brakes;
  readonly breakers: Breakers;
  /** After a client hung up, how long its answer is still read to learn what it costs. */
  readonly drainMs: number;
}

/** Every place is tried so often before the client is told. */
const ROUNDS = 2;
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2000;

/** Failed: the provider's fault, another try may do. Unsent: what we could not say to this place, now or later. */
type Tried =
  | { readonly kind: 'answered'; readonly answer: ClientAnswer }
  | { readonly kind: 'failed'; readonly why: GatewayError | ClientAnswer }
  | { readonly kind: 'unsent'; readonly why: GatewayError };

/** Tries the places of a model in their order; each attempt is decided, paid and recorded before it is made. */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #drains: Drains;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
    this.#drains = new Drains({ clock: parts.clock, drainMs: parts.drainMs });
  }

  /** From the cache, or from the first place that gives an answer of its own. Throws a GatewayError when none does. */
  async answer(asking: Asking): Promise<ClientAnswer> {
    const { kept } = this.#parts;
    return kept.once(asking, async () => (await kept.find(this.#parts, asking)) ?? this.#asked(asking));
  }

  async #asked(asking: Asking): Promise<ClientAnswer> {
    const { clock } = this.#parts;
    let last: GatewayError | ClientAnswer | undefined;
    const unsent = new Map<Target, GatewayError>();
    let attempt = 0;
    for (let round = 0; round < ROUNDS && (round === 0 || last !== undefined); round++) {
      if (round > 0) await clock.sleep(pauseAfter(last), asking.call.gone.signal()).catch(() => undefined);
      for (const target of this.#inOrder(asking.model.targets)) {
        if (asking.call.gone.reason !== undefined) break;
        if (unsent.has(target)) continue;
        const tried = await this.#try(asking, target, ++attempt);
        if (tried.kind === 'answered') return tried.answer;
        if (tried.kind === 'unsent') unsent.set(target, tried.why);
        else last = tried.why;
      }
    }
    if (last !== undefined && !(last instanceof GatewayError)) return last;
    const [own] = unsent.values();
    throw last ?? own ?? new GatewayError('UPSTREAM_UNREACHABLE', `no provider of ${asking.model.name} was called`);
  }

  /** Begins no more attempts, and waits for those under way. */
  async close(): Promise<void> {
    await this.#drains.close();
  }

  /** Places that rest after failures come last: better tried than nothing. */
  #inOrder(targets: readonly Target[]): readonly Target[] {
    const rests = (target: Target): boolean => this.#parts.breakers.rests(placeOf(target));
    if (!targets.some(rests)) return targets;
    return [...targets.filter((target) => !rests(target)), ...targets.filter(rests)];
  }

  async #try(asking: Asking, target: Target, number: number): Promise<Tried> {
    const reading = this.#drains.reading(asking.call.gone);
    try {
      return await this.#read(asking, await prepare(this.#parts, asking, target, number), reading);
    } catch (error) {
      reading.done();
      throw error;
    }
  }

  async #read(asking: Asking, attempt: Attempt, reading: Reading): Promise<Tried> {
    const { breakers } = this.#parts;
    const { target } = attempt;
    const sent = await this.#send(asking, attempt, reading.stop);
    if (sent instanceof GatewayError) {
      reading.done();
      const ours = !sent.code.startsWith('UPSTREAM_');
      attempt.end({ source: ours || sent.code === 'UPSTREAM_UNREACHABLE' ? 'unsent' : 'bound', status: 0 });
      if (ours) return { kind: 'unsent', why: sent };
      // What we ended ourselves is no outage.
      if (reading.stop.reason === undefined) await breakers.failed(placeOf(target));
      return { kind: 'failed', why: sent };
    }
    if (sent.status < 400) {
      await breakers.succeeded(placeOf(target));
      const read = await readAnswer(attempt, sent, reading, this.#parts.kept.keeper(asking, attempt));
      return read instanceof GatewayError ? { kind: 'failed', why: read } : { kind: 'answered', answer: read };
    }
    const why = await readRefusal(attempt, sent).finally(() => reading.done());
    if (isOfClient(sent.status)) {
      await breakers.succeeded(placeOf(target));
      return why instanceof GatewayError ? { kind: 'failed', why } : { kind: 'answered', answer: why };
    }
    // A limit is no outage: whoever has used it up must not close the place to the others.
    if (sent.status !== 429) await breakers.failed(placeOf(target));
    return { kind: 'failed', why };
  }

  /** A fault as a value; anything that is none is a bug, and still ends the attempt. */
  async #send(asking: Asking, attempt: Attempt, stop: Stop): Promise<UpstreamAnswer | GatewayError> {
    let source: CostSource = 'unsent';
    try {
      if (stop.reason !== undefined) throw new GatewayError('GATEWAY_STOPPING', stop.reason.message);
      const call = {
        provider: attempt.target.provider,
        path: attempt.wire.path,
        headers: requestHeaders(attempt, asking.call.headers),
        body: JSON.stringify(outgoing(asking, attempt)),
      };
      source = 'bound';
      return await this.#parts.upstream.send(call, stop);
    } catch (error) {
      if (error instanceof GatewayError) return error;
      attempt.end({ source, status: 0 });
      throw error;
    }
  }
}

/** The request as this provider reads it: its format, its name of the model, the length that was paid for. */
function outgoing({ body, call, key }: Asking, { client, wire, asked, open, target }: Attempt): object {
  const plain = withoutTiers(body);
  const said = client === wire ? plain : translateRequest(plain, client.name, wire.name);
  return wire.settle(cacheable(said, call.body, key, wire.name, target), {
    model: target.model,
    maxOutput: open.maxOutput,
    stream: asked.stream,
    maxField: target.provider.api === 'openai' ? 'max_completion_tokens' : 'max_tokens',
  });
}

/** A run asks again and again with the same beginning, which a provider gives cheaper when it is told, or finds it again. */
function cacheable(body: JsonObject, raw: string, key: VirtualKey, wire: FormatName, { provider }: Target): JsonObject {
  if (key.run === undefined) return body;
  if (wire === 'messages') return withBreakpoints(body, raw);
  return provider.api === 'openai' && body['prompt_cache_key'] === undefined
    ? { ...body, prompt_cache_key: key.run }
    : body;
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
