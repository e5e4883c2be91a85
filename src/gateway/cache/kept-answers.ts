import { type Clock, millis } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Asking, ClientAnswer } from '../asking.ts';
import type { Attempt } from '../attempt.ts';
import type { JsonObject } from '../formats/format.ts';
import { isObject } from '../formats/read.ts';
import type { AnswerCache, CachedAnswer, CallBook, CallPolicy } from '../ports.ts';
import { NO_TOKENS, type TokenUsage } from '../tokens.ts';
import { cacheKey } from './cache-key.ts';
import { InTurn } from './in-turn.ts';
import { replayed } from './replay.ts';

/** Keeps an answer, in the client's format, with what it used. Never rejects: what cannot be kept is asked anew. */
export type Keep = (body: string, usage: TokenUsage) => Promise<void>;

/** Answers that are given again, to the tenant that paid for them and to nobody else. */
export class KeptAnswers {
  readonly #cache: AnswerCache;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #keepMs: number;
  readonly #underWay = new InTurn();

  constructor(options: { cache: AnswerCache; clock: Clock; ids: Ids; log: Log; keepMs: number }) {
    this.#cache = options.cache;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#log = options.log;
    this.#keepMs = options.keepMs;
  }

  /**
   * Whoever asks again with an idempotency key that is being answered waits for that answer, which is kept by then.
   * Streams are kept when they have ended, and nobody is made to wait for that.
   */
  async once(asking: Asking, answer: () => Promise<ClientAnswer>): Promise<ClientAnswer> {
    const own = typeof asking.call.headers['idempotency-key'] === 'string' && !asking.asked.stream;
    const key = own ? cacheKey(asking) : undefined;
    return key === undefined ? answer() : this.#underWay.after(`${asking.key.tenant} ${key}`, answer);
  }

  /** Undefined when nothing is kept, or when policy would not allow the call today. */
  async find(
    { policy, book }: { readonly policy: CallPolicy; readonly book: CallBook },
    asking: Asking,
  ): Promise<ClientAnswer | undefined> {
    const { asked } = asking;
    const key = cacheKey(asking);
    if (key === undefined) return undefined;
    const now = this.#clock.now();
    const kept = await this.#cache.find(asking.key.tenant, key, now);
    const body = kept && parsed(kept.body);
    const [target] = asking.model.targets;
    if (kept === undefined || body === undefined || target === undefined) return undefined;
    const decided = await policy.ask({
      key: asking.key,
      asked: asked.model,
      provider: target.provider,
      model: target.model,
    });
    if (!decided.allow) return undefined;
    const id = this.#ids.next('call');
    await book.open(this.#openCall(asking, asked.model, id, decided.decision, kept));
    book.end({
      id,
      costNano: nanoUsd(0),
      source: 'cache',
      usage: NO_TOKENS,
      status: 200,
      savedNano: kept.costNano,
      upstreamRequest: null,
      at: now,
    });
    const headers = { 'x-maestro-cache': 'hit', 'x-maestro-cost-nano': '0' };
    if (!asked.stream)
      return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: kept.body };
    const named = { id, model: asked.model, created: Math.floor(now / 1000) };
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
      body: replayed(asking.call.format, body, named, asked.usageEvent),
    };
  }

  /** Undefined for what is not to be kept. */
  keeper(asking: Asking, attempt: Attempt): Keep | undefined {
    const key = cacheKey(asking);
    if (key === undefined) return undefined;
    return async (body, usage) => {
      const { costNano, open } = attempt;
      const { provider, model } = open;
      try {
        if (!(await attempt.recorded())) return; // an answer that is kept was paid
        const expiresAt = millis(this.#clock.now() + this.#keepMs);
        await this.#cache.keep(asking.key.tenant, key, { body, usage, costNano, provider, model, expiresAt });
      } catch (error) {
        // It is an answer all the same.
        this.#log.log('error', 'an answer could not be kept', { call: open.id, error: String(error) });
      }
    };
  }

  #openCall(
    { id: request, key, call, planned }: Asking,
    asked: string,
    id: string,
    decision: Parameters<CallBook['open']>[0]['decision'],
    { provider, model }: CachedAnswer,
  ): Parameters<CallBook['open']>[0] {
    return {
      id,
      request,
      attempt: 0,
      tenant: key.tenant,
      key: key.id,
      ...(key.task === undefined ? {} : { task: key.task }),
      ...(key.run === undefined ? {} : { run: key.run }),
      asked,
      provider,
      model,
      format: call.format,
      plan: planned.plan.id,
      rung: planned.rung,
      propensity: planned.plan.propensity,
      decision,
      block: '',
      boundNano: nanoUsd(0),
      maxOutput: 0,
      ratesJson: '{}',
      sheet: '',
      waitedMs: 0,
      at: this.#clock.now(),
    };
  }
}

function parsed(text: string): JsonObject | undefined {
  const body: unknown = JSON.parse(text);
  return isObject(body) ? body : undefined;
}
