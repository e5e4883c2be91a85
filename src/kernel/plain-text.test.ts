import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test.each([
  ['\u001b[1m\u001b[32m7 passed\u001b[39m\u001b[22m (7)', '7 passed (7)'],
  ['\u001b]0;title\u0007shown \u001b]8;;https://x.example\u001b\\link\u001b]8;;\u001b\\', 'shown link'],
  ['\u009b31mred\u009d0;title\u009c', 'red'],
  ['\u001bc\u001b(Breset, \u001b[2J\u001b[Hhome', 'reset, home'],
  ['\u001b]not closed\u001b[', 'not closed'],
  ['10%\r20%\r\ndone\r\n', '10%\n20%\ndone\n'],
  ['a\tb\u0000\b\u007f', 'a\tb\ufffd\ufffd\ufffd'],
  ['if (user \u202e\u2066// check\u2069)', 'if (user \ufffd\ufffd// check\ufffd)'],
  ['half a letter \ud83d', 'half a letter \ufffd'],
  ['Grüße, 日本語 🎉 ✖ שלום', 'Grüße, 日本語 🎉 ✖ שלום'],
])('%j becomes %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
  expect(plainText(plain)).toBe(plain);
});
