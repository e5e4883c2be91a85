import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { type Clock, systemClock } from '#kernel/clock.ts';
import { type Answer, answerOf } from './answer.ts';
import { type Fault, WishReader, type Wishes } from './faults.ts';
import { Invoice, type PriceList } from './invoice.ts';
import { PrefixCache } from './prefix-cache.ts';
import type { Prompt } from './prompt.ts';
import { NO_SCRIPT, type Script, turnFor } from './script.ts';
import { readCount } from './shapes/messages.ts';
import { chatSpeech } from './speech/chat.ts';
import { messagesSpeech } from './speech/messages.ts';
import { responsesSpeech } from './speech/responses.ts';
import type { Said, Speech } from './speech/speech.ts';

export interface DoubleOptions {
  readonly port: number;
  /** Empty: every model is sold, for nothing. */
  readonly prices: PriceList;
  readonly script?: Script;
  /** File that gets a line for each billed call. */
  readonly invoice?: string;
  /** Key that requests must carry; any when not given. */
  readonly key?: string;
}

/** A double that listens on loopback. */
export interface Double extends AsyncDisposable {
  readonly url: string;
}

const SPEECHES: readonly Speech[] = [chatSpeech, responsesSpeech, messagesSpeech];

export async function startDouble(options: DoubleOptions): Promise<Double> {
  const double = new ProviderDouble(options);
  const server = createServer((request, response) => {
    double.answer(request, response).catch(() => response.destroy());
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  const port = typeof listening === 'object' && listening !== null ? listening.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One call as it is being answered. */
interface Turn {
  readonly call: string;
  readonly speech: Speech;
  readonly prompt: Prompt;
  readonly wishes: Wishes;
  readonly answer: Answer;
  readonly response: ServerResponse;
}

class ProviderDouble {
  readonly #invoice: Invoice;
  readonly #cache = new PrefixCache();
  readonly #wishes = new WishReader();
  readonly #script: Script;
  readonly #key: string | undefined;
  readonly #clock: Clock = systemClock;
  #calls = 0;

  constructor(options: DoubleOptions) {
    this.#invoice = new Invoice({ prices: options.prices, file: options.invoice });
    this.#script = options.script ?? NO_SCRIPT;
    this.#key = options.key;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-maestro-double', 'this is a double, no provider');
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/double/invoice')
      return json(response, 200, { ...this.#invoice.total, cache: this.#cache.figures, double: true });
    const body = await bodyOf(request);
    if (path === '/v1/messages/count_tokens') return this.#count(body, response);
    const speech = SPEECHES.find((each) => each.path === path);
    if (speech === undefined || request.method !== 'POST')
      return json(response, 404, { error: { message: `no ${path} (a double)` } });
    if (!this.#admits(request)) return json(response, 401, speech.error(401, 'Incorrect API key provided'));
    let prompt: Prompt;
    try {
      prompt = speech.read(JSON.parse(body));
    } catch (error) {
      return json(response, 400, speech.error(400, why(error)));
    }
    if (!this.#invoice.sells(prompt.model))
      return json(response, 404, speech.error(404, `The model ${prompt.model} does not exist`));
    await this.#say(speech, prompt, String(request.headers['x-client-request-id'] ?? ''), response);
  }

  async #say(speech: Speech, prompt: Prompt, call: string, response: ServerResponse): Promise<void> {
    const wishes = this.#wishes.read(prompt.last);
    if (wishes.fault === 'error') return json(response, 500, speech.error(500, 'The server had an error'));
    if (wishes.fault === 'limit') {
      response.setHeader('retry-after', '1');
      response.setHeader(
        speech === messagesSpeech ? 'anthropic-ratelimit-requests-remaining' : 'x-ratelimit-remaining-requests',
        '0',
      );
      return json(response, 429, speech.error(429, 'Rate limit reached'));
    }
    if (wishes.fault === 'too-long') {
      const said =
        speech === messagesSpeech
          ? 'prompt is too long: 300000 tokens > 200000 maximum'
          : "This model's maximum context length is 200000 tokens. However, your messages resulted in 300000 tokens.";
      return json(response, 400, speech.error(400, said));
    }
    if (wishes.fault === 'silent') return; // nothing, until the other side gives up
    const id = `${++this.#calls}`;
    response.setHeader(speech === messagesSpeech ? 'request-id' : 'x-request-id', `double-${id}`);
    // Reading the prompt is work that is billed from here on, whatever comes after.
    const now = this.#clock.now();
    const served = speech === messagesSpeech ? this.#cache.anthropic(prompt, now) : this.#cache.openai(prompt, now);
    const turn = turnFor(this.#script, prompt, wishes.tokens);
    const answer = answerOf(id, prompt, served, turn);
    const said = { call, speech, prompt, wishes, answer, response };
    await (prompt.stream ? this.#stream(said) : this.#whole(said));
  }

  async #whole({ call, speech, prompt, wishes, answer, response }: Turn): Promise<void> {
    if (wishes.delayMs > 0) await this.#clock.sleep(wishes.delayMs);
    this.#invoice.bill(call, prompt.model, { ...answer.prompt, output: answer.output });
    const body: { usage?: unknown } = { ...speech.body(answer) };
    if (wishes.fault === 'no-usage') delete body.usage;
    if (wishes.fault === 'stall') return;
    const text = wishes.fault === 'garbage' ? '<html>garbage of a double</html>' : JSON.stringify(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    if (wishes.fault === 'cut') return void response.write(text.slice(0, text.length / 2), () => response.destroy());
    response.end(text);
  }

  /** Billed for what was generated until the client was gone. */
  async #stream({ call, speech, prompt, wishes, answer, response }: Turn): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    let output = 0;
    const bill = (): void => this.#invoice.bill(call, prompt.model, { ...answer.prompt, output });
    const events = steered(speech.events(answer), wishes.fault);
    for (const [i, { text, tokens }] of events.entries()) {
      if (wishes.delayMs > 0 && i > 0) await this.#clock.sleep(wishes.delayMs);
      if (response.destroyed) return bill();
      output += tokens;
      if (i === events.length - 1 && wishes.fault !== 'stall') bill();
      response.write(text);
    }
    if (wishes.fault === 'stall') return void response.once('close', bill);
    if (wishes.fault === 'cut' || wishes.fault === 'half-tool')
      return void this.#clock.sleep(1).then(() => response.destroy());
    response.end();
  }

  #count(body: string, response: ServerResponse): void {
    try {
      const { input, cacheRead, cacheWrite } = new PrefixCache().anthropic(readCount(JSON.parse(body)), 0);
      json(response, 200, { input_tokens: input + cacheRead + cacheWrite });
    } catch (error) {
      json(response, 400, messagesSpeech.error(400, why(error)));
    }
  }

  #admits({ headers }: IncomingMessage): boolean {
    if (this.#key === undefined) return true;
    return headers.authorization === `Bearer ${this.#key}` || headers['x-api-key'] === this.#key;
  }
}

/** The events up to where the fault strikes. */
function steered(events: readonly Said[], fault: Fault | undefined): readonly Said[] {
  if (fault === 'garbage') return [{ text: 'garbage of a double\n\n', tokens: 0 }];
  if (fault === 'no-usage')
    return events.map((said) => ({
      ...said,
      text: said.text.replace(/"usage":\{[^}]*(\{[^}]*\}[^}]*)*\}/, '"usage":null'),
    }));
  if (fault === 'half-tool') {
    const first = events.findIndex(({ text }) => /arguments":"[^"]|partial_json":"[^"]|arguments\.delta/.test(text));
    return events.slice(0, first + 1);
  }
  return fault === 'stall' || fault === 'cut' ? events.slice(0, Math.ceil(events.length / 2)) : events;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  // A request gives buffers unless an encoding is set.
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function why(error: unknown): string {
  if (!(error instanceof ZodError)) return error instanceof Error ? error.message : String(error);
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
