import { describe, expect, it } from 'vitest';
import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import { PolicyError } from './errors.ts';
import { outsideEngine } from './outside-engine.ts';

// The cast is true enough: these engines do not look at their input.
const input = {} as PolicyInput;
const reason = { code: 'A', msg: 'm', field: 'f', fix: 'x' };
const allowed = { allow: true, reasons: [], obligations: [] };

function said(answer: () => unknown): Promise<Omit<PolicyDecision, 'id'>> {
  const ask = async () => Promise.resolve({ answer: answer(), policyDigest: 'abc', engineDecision: 'd1' });
  return outsideEngine({ name: 'outside', policyDigest: 'known', ask }).decide(input);
}

describe('an engine outside of this program', () => {
  it('is believed when its answer is a decision', async () => {
    expect(await said(() => allowed)).toEqual({
      ...allowed,
      engine: 'outside',
      policyDigest: 'abc',
      engineDecision: 'd1',
    });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a bare yes', true],
    ['a yes without reasons', { allow: true }],
    ['a yes with a reason', { allow: true, reasons: [reason], obligations: [] }],
    ['a no without a reason', { allow: false, reasons: [], obligations: [] }],
    ['a reason without fix', { allow: false, reasons: [{ ...reason, fix: '' }], obligations: [] }],
    ['a reason with more', { allow: false, reasons: [{ ...reason, more: 1 }], obligations: [] }],
    ['an unknown obligation', { ...allowed, obligations: [{ kind: 'wait', because: reason }] }],
    ['a text for a yes', { ...allowed, allow: 'true' }],
  ])('denies when it says %s', async (_, answer) => {
    const decision = await said(() => answer);

    expect(decision.allow).toBe(false);
    expect(decision.reasons.map(({ code }) => code)).toEqual(['POLICY_ANSWER_MALFORMED']);
    expect(decision.policyDigest).toBe('known');
  });

  it('denies with the code and cure of a fault on the way', async () => {
    const decision = await said(() => {
      throw new PolicyError('POLICY_ENGINE_FAILED', 'gone');
    });

    expect(decision.allow).toBe(false);
    expect(decision.reasons).toEqual([
      expect.objectContaining({ code: 'POLICY_ENGINE_FAILED', msg: 'outside: gone', field: 'engine' }),
    ]);
  });

  it('denies when it throws what is no error of ours', async () => {
    const decision = await said(() => {
      throw new TypeError('oh');
    });

    expect(decision.reasons.map(({ code }) => code)).toEqual(['POLICY_ENGINE_FAILED']);
  });
});
