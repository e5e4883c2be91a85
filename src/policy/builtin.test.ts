import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '#domain/policy-decision.ts';
import { BUILTIN_RULES, builtinPolicy } from './builtin.ts';

interface Vector {
  readonly name: string;
  readonly input: PolicyInput;
  readonly deny: readonly string[];
  readonly person: readonly string[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../policies/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

describe('the built-in policy', () => {
  it.each(vectors)('$name', async ({ input, deny, person }) => {
    const decision = await builtinPolicy.decide(input);

    expect(decision.reasons.map(({ code }) => code)).toEqual(deny);
    expect(decision.obligations.map(({ because }) => because.code)).toEqual(person);
    expect(decision.allow).toBe(deny.length === 0);
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

  it('looks for denied paths in dot folders and at any depth, as people expect of such globs', async () => {
    const vector = vectors.find(({ deny }) => deny.includes('PATH_DENIED'));
    if (vector === undefined) throw new Error('no vector denies a path');
    const { action, tenant } = vector.input;
    const denies = async (glob: string, path: string): Promise<boolean> => {
      const resource = { ...action.resource, attributes: { ...action.resource.attributes, paths: [path] } };
      const policy = { ...tenant.policy, deniedPaths: [glob] };
      return !(await builtinPolicy.decide({ action: { ...action, resource }, tenant: { ...tenant, policy } })).allow;
    };

    expect(await denies('**/*.pem', '.deploy/key.pem')).toBe(true);
    expect(await denies('*.pem', 'deep/.deploy/key.pem')).toBe(true);
    expect(await denies('secrets', 'secrets/key')).toBe(true);
    expect(await denies('secrets', 'src/a.ts')).toBe(false);
  });
});
