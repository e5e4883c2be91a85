import type { Attempt } from './attempt.ts';
import type { Keep } from './cache/kept-answers.ts';
import { Assembler } from './cache/replay.ts';
import type { Reading } from './drains.ts';
import { GatewayError } from './errors.ts';
import { errorBody } from './formats/error-body.ts';
import type { JsonObject } from './formats/format.ts';
import { isObject } from './formats/read.ts';
import type { ClientAnswer } from './asking.ts';
import { answerHeaders, upstreamRequestId } from './headers.ts';
import type { UpstreamAnswer } from './ports.ts';
import { EventCutter, eventText } from './sse.ts';
import type { Named } from './translate/dialogue.ts';
import { StreamTranslator, translateAnswer } from './translate/translate.ts';

/** The provider's answer for the client, in the client's format. A GatewayError when it is none, so that another place can be tried. */
export async function readAnswer(
  attempt: Attempt,
  answer: UpstreamAnswer,
  reading: Reading,
  keep: Keep | undefined,
): Promise<ClientAnswer | GatewayError> {
  const headers = answerHeaders(answer.headers, attempt.wire.name, attempt.client.name);
  if (!attempt.asked.stream) return readWhole(attempt, answer, headers, reading, keep);
  const type = answer.headers['content-type'] ?? '';
  if (!type.startsWith('text/event-stream')) {
    await answer.text().catch(() => '');
    reading.done();
    attempt.end({ source: 'bound', status: answer.status });
    return garbled(attempt, `no stream but ${type || 'nothing known'}`);
  }
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    body: streamed(attempt, answer, reading, keep),
  };
}

async function readWhole(
  attempt: Attempt,
  answer: UpstreamAnswer,
  headers: ClientAnswer['headers'],
  reading: Reading,
  keep: Keep | undefined,
): Promise<ClientAnswer | GatewayError> {
  const upstreamRequest = upstreamRequestId(answer.headers);
  const unknown = { source: 'bound', status: answer.status, upstreamRequest } as const;
  let text: string;
  try {
    text = await answer.text();
  } catch (error) {
    attempt.end(unknown);
    return error instanceof GatewayError ? error : garbled(attempt, 'an answer that broke off');
  } finally {
    reading.done();
  }
  const body = parsed(text);
  const usage = body && attempt.wire.usageOf(body);
  attempt.end(usage === undefined ? unknown : { ...unknown, source: 'reported', usage });
  if (body === undefined) return garbled(attempt, 'no JSON');
  const { client, wire } = attempt;
  const said = client === wire ? text : JSON.stringify(translateAnswer(body, wire.name, client.name, namedOf(attempt)));
  if (usage !== undefined) await keep?.(said, usage);
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json', 'x-maestro-cost-nano': String(attempt.costNano) },
    body: said,
  };
}

/** Whole events, each as soon as it has come. Ends with an error event when the provider breaks off. */
async function* streamed(
  attempt: Attempt,
  answer: UpstreamAnswer,
  reading: Reading,
  keep: Keep | undefined,
): AsyncGenerator<string> {
  const { client, wire, asked } = attempt;
  const assembler = keep && new Assembler(wire.name);
  const translator =
    client === wire ? undefined : new StreamTranslator(wire.name, client.name, namedOf(attempt), asked.usageEvent);
  const watch = wire.watch(translator === undefined ? asked : { usageEvent: true });
  const cutter = new EventCutter();
  const pieces = answer.chunks()[Symbol.asyncIterator]();
  let over = false;
  const end = (): void => {
    over = true;
    reading.done();
    const known = watch.usage !== undefined && !watch.partial;
    attempt.end({
      source: known ? 'reported' : 'bound',
      ...(watch.usage === undefined ? {} : { usage: watch.usage }),
      status: answer.status,
      upstreamRequest: upstreamRequestId(answer.headers),
    });
  };
  try {
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
      let out = '';
      for (const event of cutter.push(piece.value)) {
        const wanted = watch.see(event);
        assembler?.push(event);
        if (translator !== undefined) out += translator.push(event);
        else if (wanted) out += event;
      }
      if (watch.done) {
        end();
        const body = assembler?.body(client.name, namedOf(attempt));
        if (body !== undefined && watch.usage !== undefined) await keep?.(JSON.stringify(body), watch.usage);
      }
      if (out !== '') yield out;
    }
    if (!watch.done) yield brokenOff(attempt, garbled(attempt, 'a stream that broke off'));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    yield brokenOff(attempt, error);
  } finally {
    if (!over) void rest(pieces, cutter, watch).then(end); // whoever stops the gateway waits for the reading
  }
}

/** Reads on without anybody waiting, to learn what it costs. */
async function rest(
  pieces: AsyncIterator<string>,
  cutter: EventCutter,
  watch: { see(event: string): boolean },
): Promise<void> {
  try {
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
      for (const event of cutter.push(piece.value)) watch.see(event);
    }
  } catch {
    // Broken off: what is known by now is what is known.
  }
}

function brokenOff({ client, open }: Attempt, error: GatewayError): string {
  const body = JSON.stringify(errorBody(client.name, error, open.request));
  if (client.name === 'chat') return eventText(body);
  return eventText(
    client.name === 'messages' ? body : JSON.stringify({ type: 'error', ...streamError(error) }),
    'error',
  );
}

function streamError(error: GatewayError): JsonObject {
  return { code: error.code, message: error.message, param: null, sequence_number: 0 };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function garbled({ target }: Attempt, what: string): GatewayError {
  return new GatewayError('UPSTREAM_GARBLED', `${target.provider.name} gave ${what}`, {
    provider: target.provider.name,
  });
}

function namedOf({ open, asked }: Attempt): Named {
  return { id: open.id, model: asked.model, created: Math.floor(open.at / 1000) };
}
