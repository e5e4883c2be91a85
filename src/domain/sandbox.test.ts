import { describe, expect, it } from 'vitest';
import { sandboxUser } from './sandbox.ts';

describe('the user of a sandbox', () => {
  it('differs from tenant to tenant and stays below the system user nobody', () => {
    expect(sandboxUser(1)).toBe(20_001);
    expect(sandboxUser(40_000)).toBeLessThan(65_534);
  });

  it.each([0, -1, 1.5, 40_001, Number.NaN])('is refused for the ordinal %s', (ordinal) => {
    expect(() => sandboxUser(ordinal)).toThrow(RangeError);
  });
});
