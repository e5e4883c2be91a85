import { expect, test } from 'vitest';
import { allowedAutonomy, earnedAutonomy, lowest, type Verdict } from './autonomy.ts';

const kept = (count: number): Verdict[] => Array.from({ length: count }, () => 'kept');
const overridden = (count: number): Verdict[] => Array.from({ length: count }, () => 'overridden');

test.each([
  ['no record', [], 'auto'],
  ['one rejection', [...overridden(1), ...kept(5)], 'auto'],
  ['two rejections', [...overridden(2), ...kept(18)], 'propose'],
  ['ten rejections', [...overridden(10), ...kept(10)], 'observe'],
] as const)('%s earns a level', (_, verdicts, level) => {
  expect(earnedAutonomy(verdicts).level).toBe(level);
});

test('what people kept since pushes rejections out, and the level comes back', () => {
  expect(earnedAutonomy([...kept(18), ...overridden(2)]).level).toBe('propose');
  expect(earnedAutonomy([...kept(19), ...overridden(2)])).toEqual({ level: 'auto', verdicts: 20, overridden: 1 });
});

test('of all rules that fit, the lowest counts', () => {
  const policy = { autonomy: 'auto', autonomyFor: { 'repo:shop': 'propose', 'recipe:codemod': 'observe' } } as const;

  expect(allowedAutonomy(policy, ['repo:shop', 'recipe:rename-api'])).toBe('propose');
  expect(allowedAutonomy(policy, ['repo:shop', 'recipe:codemod'])).toBe('observe');
  expect(allowedAutonomy({ ...policy, autonomy: 'propose' }, ['repo:other'])).toBe('propose');
  expect(lowest([])).toBe('auto');
});
