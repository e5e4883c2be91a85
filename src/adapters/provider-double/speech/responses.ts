import { type Answer, callsOf, textOf } from '../answer.ts';
import { readResponses } from '../shapes/responses.ts';
import { event, openaiError, type Said, type Speech } from './speech.ts';

export const responsesSpeech: Speech = {
  path: '/v1/responses',
  read: readResponses,
  error: openaiError,
  body: (answer) => response(answer, true),
  events(answer) {
    let sequence = 0;
    const say = (type: string, data: object, tokens = 0): Said => ({
      text: event({ type, ...data, sequence_number: sequence++ }, type),
      tokens,
    });
    const last = answer.ended === 'length' ? 'response.incomplete' : 'response.completed';
    return [
      say('response.created', { response: response(answer, false) }),
      say('response.in_progress', { response: response(answer, false) }),
      ...items(answer).flatMap((item, index) => itemEvents(answer, item, index, say)),
      say(last, { response: response(answer, true) }),
    ];
  },
};

type Say = (type: string, data: object, tokens?: number) => Said;
type Item = ReturnType<typeof items>[number];

function itemEvents(answer: Answer, item: Item, index: number, say: Say): readonly Said[] {
  const at = { item_id: item.id, output_index: index };
  if (item.type === 'message') {
    const [part] = item.content;
    const inside = { ...at, content_index: 0 };
    const deltas = answer.pieces.flatMap((piece) =>
      piece.kind === 'text'
        ? [say('response.output_text.delta', { ...inside, delta: piece.text, logprobs: [] }, piece.tokens)]
        : [],
    );
    return [
      say('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } }),
      say('response.content_part.added', { ...inside, part: { ...part, text: '' } }),
      ...deltas,
      say('response.output_text.done', { ...inside, text: part?.text ?? '', logprobs: [] }),
      say('response.content_part.done', { ...inside, part }),
      say('response.output_item.done', { output_index: index, item }),
    ];
  }
  const call = callsOf(answer).findIndex(({ id }) => id === item.call_id);
  const deltas = answer.pieces.flatMap((piece) =>
    piece.kind === 'arguments' && piece.call === call
      ? [say('response.function_call_arguments.delta', { ...at, delta: piece.text }, piece.tokens)]
      : [],
  );
  return [
    say(
      'response.output_item.added',
      { output_index: index, item: { ...item, status: 'in_progress', arguments: '' } },
      1,
    ),
    ...deltas,
    say('response.function_call_arguments.done', { ...at, name: item.name, arguments: item.arguments }),
    say('response.output_item.done', { output_index: index, item }),
  ];
}

function items(answer: Answer) {
  const text = textOf(answer);
  const content = [{ type: 'output_text' as const, text, annotations: [], logprobs: [] }];
  const message = {
    type: 'message' as const,
    id: `double-msg-${answer.id}`,
    status: 'completed',
    role: 'assistant',
    content,
  };
  const calls = callsOf(answer).map((call, i) => ({
    type: 'function_call' as const,
    id: `double-fc-${answer.id}-${i}`,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
    status: 'completed',
  }));
  return [...(text === '' ? [] : [message]), ...calls];
}

function response(answer: Answer, over: boolean): object {
  const cut = over && answer.ended === 'length';
  return {
    id: `double-resp-${answer.id}`,
    object: 'response',
    created_at: 0,
    status: over ? (cut ? 'incomplete' : 'completed') : 'in_progress',
    error: null,
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    instructions: null,
    metadata: { double: 'true' },
    model: answer.model,
    output: over ? items(answer) : [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    store: false,
    usage: over ? usageOf(answer) : null,
  };
}

function usageOf({ prompt, output }: Answer): object {
  const input = prompt.input + prompt.cacheRead + prompt.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: prompt.cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}
