import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUILTIN_RULES, builtinPolicy } from './builtin.ts';
import { readVectors, runVectors } from './vectors.ts';

const vectors = readVectors(JSON.parse(readFileSync(new URL('../../policies/vectors.json', import.meta.url), 'utf8')));

describe('the built-in policy', () => {
  it('decides every vector as the table says', async () => {
    expect(await runVectors(builtinPolicy, vectors, false)).toEqual([]);
  });

  it('has a vector for every rule', () => {
    const seen = new Set(vectors.flatMap(({ deny, person }) => [...deny, ...person]));

    expect(BUILTIN_RULES.map(({ code }) => code).filter((code) => !seen.has(code))).toEqual([]);
  });

  it('tells field and fix with each refusal', async () => {
    for (const { input } of vectors) {
      const { reasons, obligations } = await builtinPolicy.decide(input);
      for (const reason of [...reasons, ...obligations.map(({ because }) => because)]) {
        expect(reason.field).not.toBe('');
        expect(reason.fix).not.toBe('');
      }
    }
  });
});
