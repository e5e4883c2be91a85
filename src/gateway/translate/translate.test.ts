import { describe, expect, it } from 'vitest';
import { FORMATS } from '../formats/format.ts';
import type { Delta, Dialogue, Reply } from './dialogue.ts';
import { TONGUES } from './tongues.ts';

const DIALOGUE: Dialogue = {
  system: ['Be brief.'],
  turns: [
    {
      role: 'user',
      parts: [
        { kind: 'text', text: 'look' },
        { kind: 'image', url: 'data:image/png;base64,AAAA' },
      ],
    },
    {
      role: 'assistant',
      parts: [
        { kind: 'text', text: 'I call.' },
        { kind: 'call', id: 'call_1', name: 'read', arguments: '{"path":"a"}' },
      ],
    },
    {
      role: 'user',
      parts: [
        { kind: 'result', id: 'call_1', text: 'content', failed: false },
        { kind: 'text', text: 'go on' },
      ],
    },
  ],
  tools: [{ name: 'read', description: 'Reads', schema: { type: 'object', properties: {} } }],
  choice: { name: 'read' },
  parallel: false,
  temperature: 0.5,
  topP: 0.9,
  stop: [],
  schema: undefined,
  effort: undefined,
};
const USAGE = { input: 10, cacheRead: 5, cacheWrite: 0, cacheWriteHour: 0, output: 7, reasoning: 0 };
const REPLY: Reply = {
  parts: [
    { kind: 'text', text: 'I call.' },
    { kind: 'call', id: 'call_1', name: 'read', arguments: '{"path":"a"}' },
  ],
  ended: 'calls',
  usage: USAGE,
};
const DELTAS: readonly Delta[] = [
  { kind: 'start', usage: undefined },
  { kind: 'text', text: 'I ' },
  { kind: 'text', text: 'call.' },
  { kind: 'call', id: 'call_1', name: 'read' },
  { kind: 'arguments', text: '{"path":' },
  { kind: 'arguments', text: '"a"}' },
  { kind: 'end', ended: 'calls', usage: USAGE },
];
const NAMED = { id: 'x', model: 'm', created: 1 };

describe.each(FORMATS)('what is said in %s', (format) => {
  const tongue = TONGUES[format];

  it('is read as the same request', () => {
    expect(tongue.readRequest(tongue.writeRequest(DIALOGUE))).toEqual(DIALOGUE);
  });

  it('is read as the same answer', () => {
    expect(tongue.readReply(tongue.writeReply(REPLY, NAMED))).toEqual(REPLY);
  });

  it('is read as the same stream, event by event', () => {
    const writer = tongue.writer(NAMED, true);
    const reader = tongue.reader();
    const events = DELTAS.flatMap((delta) => writer.push(delta).split(/(?<=\n\n)/));
    const read = events.flatMap((event) => (event === '' ? [] : reader.push(event)));

    expect(read.filter(({ kind }) => kind !== 'start')).toEqual(DELTAS.filter(({ kind }) => kind !== 'start'));
  });

  it('refuses what no other format has a word for', () => {
    const body = {
      chat: { messages: [{ role: 'user', content: [{ type: 'file' }] }] },
      responses: { input: [{ type: 'file_search_call' }] },
      messages: { messages: [{ role: 'user', content: [{ type: 'document' }] }] },
    }[format];

    expect(() => tongue.readRequest(body)).toThrow(expect.objectContaining({ code: 'PARAMETER_REFUSED' }));
  });
});
