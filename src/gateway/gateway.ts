import type { Clock } from '#kernel/clock.ts';
import { isMaestroError } from '#kernel/error.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { Attempts, type AttemptsParts } from './attempts.ts';
import type { Asking, ClientAnswer, ClientCall } from './asking.ts';
import { countTokens } from './count-tokens.ts';
import { AUTO, type Catalog } from './catalog.ts';
import { GatewayError, type GatewayErrorCode } from './errors.ts';
import { type ClientFault, errorAnswer } from './formats/error-body.ts';
import type { FormatName, JsonObject } from './formats/format.ts';
import { inputBound } from './formats/input-bound.ts';
import { WIRE_FORMATS } from './formats/map.ts';
import { isObject, malformed } from './formats/read.ts';
import { checkKey, tokenHash, tokenIn, type VirtualKey } from './key.ts';
import type { Brakes, KeyBook, Planned, Plans } from './ports.ts';

const NO_PLAN: Planned = { plan: { id: 'asked', rungs: [], propensity: 1 }, rung: 0 };

/** The door for every model call: who asks, for what, on which model; then the attempts. */
export class Gateway {
  readonly #catalog: Catalog;
  readonly #keys: KeyBook;
  readonly #plans: Plans;
  readonly #brakes: Brakes;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #parts: AttemptsParts;
  readonly #attempts: Attempts;

  constructor(parts: AttemptsParts & { catalog: Catalog; keys: KeyBook; plans: Plans }) {
    this.#catalog = parts.catalog;
    this.#keys = parts.keys;
    this.#plans = parts.plans;
    this.#brakes = parts.brakes;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#log = parts.log;
    this.#parts = parts;
    this.#attempts = new Attempts(parts);
  }

  /** Answers in the client's own format, whatever happens. */
  async answer(call: ClientCall): Promise<ClientAnswer> {
    const id = this.#ids.next('req');
    try {
      const answer = await this.#attempts.answer(await this.#asking(id, call));
      return { ...answer, headers: { ...answer.headers, 'x-maestro-request': id } };
    } catch (error) {
      return this.#refusal(id, call.format, error);
    }
  }

  /** Anthropic's way to count the tokens of a prompt. */
  async count(call: ClientCall): Promise<ClientAnswer> {
    const id = this.#ids.next('req');
    try {
      return await countTokens(this.#parts, await this.#asking(id, call));
    } catch (error) {
      return this.#refusal(id, call.format, error);
    }
  }

  /** The models that a key may use, by name. */
  async models(headers: ClientCall['headers']): Promise<readonly string[]> {
    const key = await this.#keyOf(headers);
    const all = [...(this.#catalog.ladder.length > 0 ? [AUTO] : []), ...this.#catalog.models.keys()];
    return all.filter((name) => allows(key, name));
  }

  /** Takes no more calls, and waits for answers under way, so that what they cost is known. */
  async close(): Promise<void> {
    await this.#attempts.close();
    await this.#parts.book.written();
  }

  /** An error in the client's format. */
  refusal(format: FormatName, error: unknown): ClientAnswer {
    return this.#refusal(this.#ids.next('req'), format, error);
  }

  async #asking(id: string, call: ClientCall): Promise<Asking> {
    const key = await this.#keyOf(call.headers);
    const why = this.#brakes.stopped(key.tenant);
    if (why !== undefined) throw new GatewayError('TENANT_STOPPED', `tenant ${key.tenant} is stopped: ${why}`);
    const body = parsed(call.body);
    const asked = WIRE_FORMATS[call.format].read(call.counting === true ? { ...body, max_tokens: 1 } : body);
    if (!allows(key, asked.model)) {
      throw new GatewayError('MODEL_NOT_IN_KEY', `the key ${key.id} is not for the model "${asked.model}"`, {
        model: asked.model,
      });
    }
    const planned = asked.model === AUTO ? await this.#plans.planFor(key) : NO_PLAN;
    const rung = planned.plan.rungs[Math.min(planned.rung, planned.plan.rungs.length - 1)];
    const model = this.#catalog.model(rung ?? asked.model);
    const input = Math.min(inputBound(call.body, call.bytes, body, asked), model.contextWindow);
    if (!Number.isFinite(input)) {
      const message = `a document may fill the context window of ${model.name}, which the gateway file does not tell`;
      throw new GatewayError('PARAMETER_REFUSED', message, { model: model.name });
    }
    return { id, key, call, body, asked, model, planned, input };
  }

  async #keyOf(headers: ClientCall['headers']): Promise<VirtualKey> {
    const key = await this.#keys.find(tokenHash(tokenIn(headers)));
    if (key === undefined) throw new GatewayError('KEY_UNKNOWN', 'the key is none of this gateway');
    checkKey(key, this.#clock.now());
    return key;
  }

  #refusal(id: string, format: FormatName, error: unknown): ClientAnswer {
    const fault = faultOf(error);
    if (fault.code === 'INTERNAL') {
      this.#log.log('error', 'a model call broke off', {
        request: id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    const { status, headers, body } = errorAnswer(format, fault, id);
    return {
      status,
      headers: { 'content-type': 'application/json', 'x-maestro-request': id, ...headers },
      body: JSON.stringify(body),
    };
  }
}

/** An empty list of models allows each. */
function allows(key: VirtualKey, model: string): boolean {
  return key.models.length === 0 || key.models.includes(model);
}

function parsed(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('REQUEST_MALFORMED', 'the body is not JSON', {}, cause);
  }
  if (!isObject(body)) throw malformed('the body must be a JSON object', '');
  return body;
}

/** What a client may be told. */
function faultOf(error: unknown): ClientFault {
  if (!isMaestroError(error) || !(error instanceof GatewayError)) {
    const code = isMaestroError(error) ? ` (${error.code})` : '';
    return { code: 'INTERNAL', message: `the gateway failed${code}`, cure: 'Report it with the request id.' };
  }
  const code: GatewayErrorCode = error.code;
  const { field, retryAfter } = error.details;
  return {
    code,
    message: error.message,
    cure: error.cure,
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  };
}
