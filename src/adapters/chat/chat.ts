import { z } from 'zod';
import type { Chat, ChatAnswer, ChatRequest, ModelAccess } from '#agents/ports.ts';
import type { Clock } from '#kernel/clock.ts';
import { ChatError } from './errors.ts';

/** Pauses before the next try, ms; the last try's fault is thrown. */
const PAUSES = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];
const LONGEST_PAUSE = 60_000;

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullable(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number(),
      completion_tokens: z.number(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
});

const refusalSchema = z.object({
  error: z.object({
    message: z.string(),
    code: z.union([z.string(), z.number()]).nullish(),
    type: z.string().nullish(),
  }),
});

/** Asks a gateway in Chat Completions. What may pass is tried again with pauses; the natural key makes that safe. */
export function gatewayChat({ clock }: { readonly clock: Clock }): Chat {
  const ask = async (access: ModelAccess, chat: ChatRequest, signal: AbortSignal): Promise<ChatAnswer> => {
    for (const pause of [...PAUSES, undefined]) {
      const came = await once(access, chat, signal);
      if (came.kind !== 'wait') return came;
      if (pause === undefined) throw came.fault;
      await clock.sleep(Math.min(LONGEST_PAUSE, Math.max(pause, came.afterMs)), signal);
    }
    throw new Error('there is always a last try');
  };
  return { ask };
}

type Came = ChatAnswer | { readonly kind: 'wait'; readonly afterMs: number; readonly fault: ChatError };

async function once({ url, key }: ModelAccess, chat: ChatRequest, signal: AbortSignal): Promise<Came> {
  let status = 0;
  let text = '';
  let headers: NodeJS.Dict<string | string[]> = {};
  try {
    const { request } = await import('undici'); // loaded by runs of Maestro's own agent only
    const answer = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': chat.key },
      body: JSON.stringify(chat.body),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    status = answer.statusCode;
    headers = answer.headers;
    text = await answer.body.text();
  } catch (cause) {
    signal.throwIfAborted();
    const fault = new ChatError(
      'GATEWAY_UNREACHABLE',
      `the gateway at ${url} does not answer: ${String(cause)}`,
      {},
      cause,
    );
    return { kind: 'wait', afterMs: 0, fault };
  }
  return status === 200 ? answerOf(text, headers) : refusalOf(status, headers, text);
}

function answerOf(text: string, headers: NodeJS.Dict<string | string[]>): ChatAnswer {
  const read = answerSchema.safeParse(jsonOf(text));
  const choice = read.data?.choices[0];
  if (choice === undefined) throw unreadable(text);
  const { message, finish_reason: finish } = choice;
  const usage = read.data?.usage;
  return {
    kind: 'answer',
    text: message.content ?? message.refusal ?? '',
    calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
      id,
      name,
      arguments: args,
    })),
    finish: finish ?? 'unknown',
    usage: {
      inputTokens: usage?.prompt_tokens ?? 0,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      outputTokens: usage?.completion_tokens ?? 0,
      costNano: numberIn(headers['x-maestro-cost-nano']),
    },
  };
}

/** Too many requests, timeouts and faults of servers may pass; everything else would be refused again. */
function refusalOf(status: number, headers: NodeJS.Dict<string | string[]>, text: string): Came {
  const error = refusalSchema.safeParse(jsonOf(text)).data?.error;
  const message = error?.message ?? `the gateway answered ${status}`;
  // The field holds the code that clients of the format know; the gateway's own one stands in its words.
  const code = /\(([A-Z][A-Z_]+)\)/.exec(message)?.[1] ?? String(error?.code ?? error?.type ?? `HTTP_${status}`);
  const passes = status === 408 || status === 409 || status === 429 || status >= 500;
  if (!passes || headers['x-should-retry'] === 'false') return { kind: 'refused', status, code, message };
  const afterMs = (numberIn(headers['retry-after']) ?? 0) * 1000;
  return { kind: 'wait', afterMs, fault: new ChatError('GATEWAY_BUSY', `${code}: ${message}`, { status }) };
}

function numberIn(header: string | string[] | undefined): number | null {
  const value = typeof header === 'string' && header !== '' ? Number(header) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(text: string): ChatError {
  return new ChatError('GATEWAY_ANSWER_UNREADABLE', `the gateway's answer cannot be read: ${text.slice(0, 200)}`);
}
