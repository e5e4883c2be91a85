import { describe, expect, it } from 'vitest';
import { builtinPolicy } from './builtin.ts';
import { readVectors, runVectors } from './vectors.ts';

const unreadable = { name: 'empty', input: {}, deny: ['INPUT_INVALID'], person: [] };

describe('cases of a policy', () => {
  it('pass when each gives its codes in order', async () => {
    expect(await runVectors(builtinPolicy, readVectors([unreadable]), false)).toEqual([]);
  });

  it('fail with what was wanted and what was got', async () => {
    const vectors = readVectors([{ ...unreadable, deny: [] }]);

    expect(await runVectors(builtinPolicy, vectors, false)).toEqual([
      { name: 'empty', wanted: [], got: ['INPUT_INVALID'] },
    ]);
  });

  it('let own rules add codes behind the shipped ones, and take none away', async () => {
    const more = readVectors([{ ...unreadable, deny: [] }]);
    const less = readVectors([{ ...unreadable, deny: ['INPUT_INVALID', 'OTHER'] }]);

    expect(await runVectors(builtinPolicy, more, true)).toEqual([]);
    expect(await runVectors(builtinPolicy, less, true)).toHaveLength(1);
  });

  it.each([[{}], [[{ name: 'no codes', input: {} }]], ['text'], [undefined]])('are refused as %j', (document) => {
    expect(() => readVectors(document)).toThrow(expect.objectContaining({ code: 'POLICY_VECTORS_INVALID' }));
  });
});
