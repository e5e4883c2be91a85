import { expect, test } from 'vitest';
import { preAuthEncoding } from './dsse.ts';
import { payloadOf, readStatement, statement } from './statement.ts';

const example = statement({
  subject: [{ name: 'a', digest: { sha256: 'b' } }],
  predicateType: 'https://example.com/v1',
  predicate: { z: 1, a: ['ü', null] },
});

test('a payload is canonical: keys sorted, no spaces', () => {
  expect(payloadOf(example)).toBe(
    '{"_type":"https://in-toto.io/Statement/v1","predicate":{"a":["ü",null],"z":1},"predicateType":"https://example.com/v1","subject":[{"digest":{"sha256":"b"},"name":"a"}]}',
  );
});

test('what is written is read back', () => {
  expect(readStatement(Buffer.from(payloadOf(example)))).toEqual(example);
});

test.each([
  ['not JSON', Buffer.from('{')],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['no subject', Buffer.from(payloadOf({ ...example, subject: [] }))],
  ['another type', Buffer.from(payloadOf(example).replace('Statement/v1', 'Statement/v0.1'))],
])('a payload with %s is not a statement', (_, payload) => {
  expect(readStatement(payload)).toBeUndefined();
});

test('the signed bytes count bytes, not letters', () => {
  expect(preAuthEncoding(Buffer.from('hü')).toString()).toBe('DSSEv1 28 application/vnd.in-toto+json 3 hü');
});
