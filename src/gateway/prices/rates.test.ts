import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import { seededRandom } from '#kernel/random.ts';
import { bundledRates } from './bundled.ts';
import { affordableOutput, boundOf, costOf } from './rates.ts';

const NOW = millis(Date.UTC(2026, 10, 27, 12));
const MODELS = [
  ['openai', 'gpt-4o-mini'],
  ['openai', 'gpt-5.6-sol'],
  ['anthropic', 'claude-sonnet-4-5'],
  ['anthropic', 'claude-haiku-4-5'],
] as const;

describe.each(MODELS)('rates of %s %s', (provider, model) => {
  const rates = bundledRates(provider, model, NOW);
  if (rates === undefined) throw new Error('no rates');

  it('price random calls as the public sheet does, to the nano-dollar', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 200; i++) {
      const usage = {
        input: random.integer(300_000),
        cacheRead: random.integer(100_000),
        cacheWrite: random.integer(50_000),
        cacheWriteHour: 0,
        output: random.integer(30_000),
        reasoning: 0,
      };
      const said = calcPrice(
        {
          input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
          cache_read_tokens: usage.cacheRead,
          cache_write_tokens: usage.cacheWrite,
          output_tokens: usage.output,
        },
        model,
        { providerId: provider, timestamp: new Date(NOW) },
      );

      expect(Math.abs(costOf(usage, rates) - (said?.total_price ?? 0) * 1e9)).toBeLessThan(1);
    }
  });

  it('bound every call of at most so many tokens, however its prompt is served', () => {
    const random = seededRandom(11);
    for (let i = 0; i < 500; i++) {
      const most = { input: 1 + random.integer(400_000), output: 1 + random.integer(40_000) };
      const read = random.integer(most.input);
      const written = random.integer(most.input - read);
      const usage = {
        input: most.input - read - written,
        cacheRead: read,
        cacheWrite: written,
        cacheWriteHour: 0,
        output: random.integer(most.output),
        reasoning: 0,
      };

      expect(costOf(usage, rates)).toBeLessThanOrEqual(boundOf(most, rates));
    }
  });

  it('afford as much output as the money pays for, and not one token more', () => {
    const money = nanoUsd(50_000_000);
    const output = affordableOutput(money, 100, rates);

    expect(boundOf({ input: 100, output }, rates)).toBeLessThanOrEqual(money);
    expect(boundOf({ input: 100, output: output + 1 }, rates)).toBeGreaterThan(money);
  });
});

describe('an unknown price', () => {
  it('is none, never zero', () => {
    expect(bundledRates('openai', 'no-such-model', NOW)).toBeUndefined();
    expect(bundledRates('no-such-provider', 'gpt-4o-mini', NOW)).toBeUndefined();
  });
});
