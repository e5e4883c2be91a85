import { expect, it } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { newApiKey, readApiKey } from './api-key.ts';

it('reads back what it made, and nothing that is no key', () => {
  const key = newApiKey('key_0123456789abcdefghjk', seededRandom(1));

  expect(readApiKey(key.text)).toEqual({ id: key.id, secret: key.secret });
  expect(key.secret).toHaveLength(43);
  for (const text of ['', 'maestro_', `${key.text}x`, ` ${key.text}`, key.text.slice(0, -1), key.text.toUpperCase()]) {
    expect(readApiKey(text)).toBeUndefined();
  }
});
