import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tenant } from '#domain/tenant.ts';
import { GatewayPlace } from './place.ts';

const MODELS = ['on-chat', 'on-responses', 'on-messages'];
const PARAMETERS = { type: 'object' as const, properties: { city: { type: 'string' }, days: { type: 'integer' } } };
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let place: GatewayPlace;
let red: Tenant;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  place = await GatewayPlace.open();
  red = await place.tenant('red');
  const { token } = await place.key(red);
  openai = new OpenAI({ apiKey: token, baseURL: `${place.url}/v1` });
  anthropic = new Anthropic({ apiKey: token, baseURL: place.url });
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

describe.each(MODELS)('the official openai client, in Chat Completions, with a model %s', (model) => {
  const tools = [
    { type: 'function' as const, function: { name: 'get_weather', description: 'Weather', parameters: PARAMETERS } },
  ];
  const question = { role: 'user' as const, content: 'What is the weather?' };

  it('gets text and usage', async () => {
    const answer = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'hello {{tokens=9}}' }],
    });

    expect(answer.choices[0]?.message.content).toContain('This is a double');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.completion_tokens).toBe(9);
  });

  it('calls a tool and gives its result back', async () => {
    const first = await openai.chat.completions.create({ model, messages: [question], tools });
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('no call');
    const second = await openai.chat.completions.create({
      model,
      tools,
      messages: [question, first.choices[0]!.message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }],
    });

    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Paris', days: 2 });
    expect(second.choices[0]?.message.content).toBe('It is sunny in Paris.');
  });

  it('streams text, a tool and the usage', async () => {
    const stream = openai.chat.completions.stream({
      model,
      messages: [question],
      tools,
      stream_options: { include_usage: true },
    });
    const message = await stream.finalMessage();
    const usage = await stream.totalUsage();

    expect(message.content).toBe('Let me look.');
    const call = message.tool_calls?.[0];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ city: 'Paris', days: 2 });
    expect(usage.completion_tokens).toBeGreaterThan(5);
  });

  it('gets no usage event that it did not ask for', async () => {
    const stream = await openai.chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    });
    const choices: number[] = [];
    for await (const chunk of stream) choices.push(chunk.choices.length);

    expect(new Set(choices)).toEqual(new Set([1]));
  });

  it('passes images through', async () => {
    const content = [
      { type: 'text' as const, text: 'what is this' },
      { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${PIXEL}` } },
    ];
    const answer = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }] });

    expect(answer.choices[0]?.message.content).toContain('double');
  });
});

describe.each(MODELS)('the official openai client, in Responses, with a model %s', (model) => {
  const tools = [
    { type: 'function' as const, name: 'get_weather', description: 'Weather', parameters: PARAMETERS, strict: false },
  ];
  const question = { role: 'user' as const, content: 'What is the weather?' };

  it('gets text and usage', async () => {
    const answer = await openai.responses.create({ model, input: 'hello {{tokens=9}}' });

    expect(answer.output_text).toContain('This is a double');
    expect(answer.usage?.output_tokens).toBe(9);
  });

  it('calls a tool and gives its result back', async () => {
    const first = await openai.responses.create({ model, input: [question], tools });
    const call = first.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('no call');
    const second = await openai.responses.create({
      model,
      tools,
      input: [
        question,
        ...(first.output as never[]),
        { type: 'function_call_output', call_id: call.call_id, output: 'sunny' },
      ],
    });

    expect(JSON.parse(call.arguments)).toEqual({ city: 'Paris', days: 2 });
    expect(second.output_text).toBe('It is sunny in Paris.');
  });

  it('streams text and a tool', async () => {
    const stream = openai.responses.stream({ model, input: [question], tools });
    const types = new Set<string>();
    for await (const event of stream) types.add(event.type);
    const answer = await stream.finalResponse();

    expect(answer.output_text).toBe('Let me look.');
    expect(answer.output.find((item) => item.type === 'function_call')?.arguments).toContain('Paris');
    expect([...types]).toContain('response.function_call_arguments.delta');
  });

  it('is told when the answer was cut off', async () => {
    const answer = await openai.responses.create({ model, input: 'long {{tokens=100}}', max_output_tokens: 20 });

    expect(answer.status).toBe('incomplete');
    expect(answer.incomplete_details?.reason).toBe('max_output_tokens');
  });
});

describe.each(MODELS)('the official Anthropic client with a model %s', (model) => {
  const tools = [{ name: 'get_weather', description: 'Weather', input_schema: PARAMETERS }];
  const question = { role: 'user' as const, content: 'What is the weather?' };

  it('gets text and usage', async () => {
    const answer = await anthropic.messages.create({
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hello {{tokens=9}}' }],
    });

    expect(answer.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('This is a double') });
    expect(answer.stop_reason).toBe('end_turn');
    expect(answer.usage.output_tokens).toBe(9);
  });

  it('uses a tool and gives its result back', async () => {
    const first = await anthropic.messages.create({ model, max_tokens: 100, messages: [question], tools });
    const use = first.content.find((block) => block.type === 'tool_use');
    if (use === undefined) throw new Error('no tool use');
    const second = await anthropic.messages.create({
      model,
      max_tokens: 100,
      tools,
      messages: [
        question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] },
      ],
    });

    expect(first.stop_reason).toBe('tool_use');
    expect(use.input).toEqual({ city: 'Paris', days: 2 });
    expect(second.content).toMatchObject([{ type: 'text', text: 'It is sunny in Paris.' }]);
  });

  it('streams text and a tool', async () => {
    const stream = anthropic.messages.stream({ model, max_tokens: 100, messages: [question], tools });
    const message = await stream.finalMessage();

    expect(message.content).toMatchObject([
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', name: 'get_weather', input: { city: 'Paris', days: 2 } },
    ]);
    expect(message.usage.output_tokens).toBeGreaterThan(5);
  });

  it('counts tokens', async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model, messages: [question] });

    expect(input_tokens).toBeGreaterThan(3);
  });
});

describe('errors and retries of the official clients', () => {
  const hello = [{ role: 'user' as const, content: 'hello' }];

  it('a wrong key is the class for authentication in both', async () => {
    const strange = { apiKey: 'sk-not-ours', maxRetries: 0 };

    await expect(
      new OpenAI({ ...strange, baseURL: `${place.url}/v1` }).responses.create({ model: 'on-chat', input: 'x' }),
    ).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(
      new Anthropic({ ...strange, baseURL: place.url }).messages.create({
        model: 'on-chat',
        max_tokens: 1,
        messages: hello,
      }),
    ).rejects.toThrow(Anthropic.AuthenticationError);
  });

  it('an unknown model is not found in both, and bad input is a bad request', async () => {
    await expect(openai.chat.completions.create({ model: 'nope', messages: hello })).rejects.toThrow(
      OpenAI.NotFoundError,
    );
    await expect(anthropic.messages.create({ model: 'nope', max_tokens: 1, messages: hello })).rejects.toThrow(
      Anthropic.NotFoundError,
    );
    await expect(openai.chat.completions.create({ model: 'on-chat', messages: [] })).rejects.toThrow(
      OpenAI.BadRequestError,
    );
  });

  it("a provider's own no reaches the client in its format", async () => {
    const wrong = { model: 'on-messages', messages: [{ role: 'tool' as const, tool_call_id: 'none', content: 'x' }] };

    await expect(openai.chat.completions.create(wrong)).rejects.toThrow(OpenAI.BadRequestError);
  });

  it('is tried again: by the gateway first, then by the client after a 429 with retry-after', async () => {
    const asked = (await place.calls(red)).length;
    const answer = await openai.chat.completions.create({
      model: 'on-chat',
      messages: [{ role: 'user', content: 'again {{fault=limit:3 openai}}' }],
    });
    const message = await anthropic.messages.create({
      model: 'on-messages',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'again {{fault=limit:3 anthropic}}' }],
    });

    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(message.stop_reason).toBe('end_turn');
    const made = (await place.calls(red)).slice(asked);
    expect(made.filter(({ source }) => source === 'refused')).toHaveLength(6);
    expect(made.filter(({ source }) => source === 'reported')).toHaveLength(2);
  });

  it('lists models, and one of them', async () => {
    const listed = await openai.models.list();
    const one = await anthropic.models.retrieve('on-chat');

    expect(listed.data.map(({ id }) => id)).toContain('maestro/auto');
    expect(one.id).toBe('on-chat');
  });

  it('a stream that the client leaves is read to its end, and costs what the provider bills', async () => {
    const stream = await openai.chat.completions.create({
      model: 'on-chat',
      stream: true,
      messages: [{ role: 'user', content: 'leave {{tokens=200}}{{delay=2}}' }],
    });
    for await (const _ of stream) break;

    const last = async () => (await place.calls(red)).at(-1);
    await expect.poll(last, { timeout: 10_000 }).toMatchObject({ source: 'reported', output: 200 });
  });

  it('every row that a provider reported equals its invoice, and no secret of it is on disk', async () => {
    const rows = new Map((await place.calls(red)).map((call) => [call.id, call]));
    const lines = place.invoice();

    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) expect(rows.get(line.call)).toMatchObject({ source: 'reported', costNano: line.nano });
    expect(place.database()).not.toContain('sk-company-secret');
  });
});
