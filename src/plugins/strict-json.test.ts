import { expect, test } from 'vitest';
import { strictJson } from './strict-json.ts';

const read = (text: string): unknown => strictJson(Buffer.from(text));

test.each(['{"a":[1,-2.5e3,"x\\u00e9",true,null,{}]}', ' [ ] ', '"\\ud83d\\ude00"', '0'])(
  '%s reads as JSON.parse reads it',
  (text) => {
    expect(read(text)).toEqual({ value: JSON.parse(text) });
  },
);

test.each([
  ['{"__proto__":{"x":1}}', '__proto__'],
  ['{"constructor":1}', 'constructor'],
  ['{"a":1,"a":2}', 'twice'],
  ['1e400', 'number'],
  ['"\\ud800"', 'surrogate'],
  [`${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'deeper'],
  ['[1,]', 'value'],
  ['{"a" 1}', 'colon'],
  ['[1] x', 'after'],
  ['"a\nb"', 'string'],
])('%# is refused and says why', (text, why) => {
  expect(read(text)).toEqual({ fault: expect.stringContaining(why) });
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(strictJson(Uint8Array.of(0x22, 0xff, 0x22))).toHaveProperty('fault');
});
