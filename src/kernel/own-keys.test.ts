import { expect, test } from 'vitest';
import { withoutOwnKeys } from './own-keys.ts';

const secret = 'aB3-_'.repeat(9).slice(0, 43);

test.each([
  [`OPENAI_API_KEY=mk_${secret}\n`, 'OPENAI_API_KEY=[key]\n'],
  [`Bearer maestro_${'0a'.repeat(10)}_${secret}, and`, 'Bearer [key], and'],
  [`whsec_${Buffer.alloc(32, 7).toString('base64')}`, '[key]'],
  ['mk_short and maestro_name stay', 'mk_short and maestro_name stay'],
])('%j becomes %j', (text, clean) => {
  expect(withoutOwnKeys(text)).toBe(clean);
});
