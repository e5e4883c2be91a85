import { describe, expect, it } from 'vitest';
import { nanoUsd } from '#kernel/money.ts';
import { boundReached } from './bounds.ts';

const BOUNDS = { steps: 3, costNano: nanoUsd(1000), wallMs: 60_000, outputBytes: 100, answerTokens: 10 };
const spent = { steps: 2, costNano: 999, outputBytes: 99 };

describe('bounds of an attempt', () => {
  it('let it go on until one is reached', () => {
    expect(boundReached(BOUNDS, spent, 59_999)).toBeUndefined();
  });

  it.each([
    ['AGENT_STEPS', { ...spent, steps: 3 }, 0],
    ['AGENT_COST', { ...spent, costNano: 1000 }, 0],
    ['AGENT_OUTPUT', { ...spent, outputBytes: 100 }, 0],
    ['AGENT_WALL', spent, 60_000],
  ])('%s stops it', (code, used, elapsed) => {
    expect(boundReached(BOUNDS, used, elapsed)?.code).toBe(code);
  });
});
