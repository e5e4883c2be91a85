import { expect, test } from 'vitest';
import type { PrincipalId, RunId } from '#domain/ids.ts';
import { sha256 } from '#kernel/digest.ts';
import { millis } from '#kernel/clock.ts';
import { oid, sampleChange, sampleLanding, sampleReport, sampleTask } from '../../../test/evidence/sample.ts';
import { landingStatement } from './landing.ts';
import { kindOf } from './kinds.ts';
import { provenanceStatement, type RunFacts } from './provenance.ts';
import { testResultStatement } from './test-result.ts';
import { changeSubject, taskSubject } from '../subject.ts';

const task = sampleTask();
const subject = taskSubject(task);
const facts: RunFacts = {
  task: { ...task, work: { kind: 'agent', name: 'native', prompt: 'the secret plan' } },
  run: 'run_1' as RunId,
  agent: 'agent:native' as PrincipalId,
  base: oid('base'),
  environmentKey: 'empty',
  sandbox: sampleReport(oid('tree')).sandbox,
  plan: { id: 'small-first', rungs: ['small', 'large'], propensity: 0.9 },
  plugins: [{ id: 'ast-codemod', version: '1.0.0', digest: sha256('plugin') }],
  policyDigest: sha256('rules'),
  events: [],
  startedAt: millis(0),
  finishedAt: millis(1500),
  maestroVersion: '0.1.0',
};

test('provenance names who asked, who acted, the base, the policy, the plugins and the model plan', () => {
  const { predicate } = provenanceStatement(subject, facts);

  expect(predicate).toMatchObject({
    buildDefinition: {
      externalParameters: { submittedBy: 'human:ada' },
      internalParameters: { agent: 'agent:native', plan: { id: 'small-first', rungs: ['small', 'large'] } },
      resolvedDependencies: [
        { name: 'base', uri: 'maestro:repo/storefront/shop', digest: { gitCommit: oid('base') } },
        { name: 'policy', digest: { sha256: sha256('rules') } },
        { name: 'model-plan' },
        { name: 'plugin:ast-codemod', uri: 'maestro:plugin/ast-codemod@1.0.0', digest: { sha256: sha256('plugin') } },
      ],
    },
    runDetails: { metadata: { startedOn: '1970-01-01T00:00:00.000Z', finishedOn: '1970-01-01T00:00:01.500Z' } },
  });
});

test('a model that was named is told beside what the budget left of it', () => {
  const plan = {
    id: 'single',
    rungs: ['small'],
    propensity: 1,
    asked: 'large',
    shift: { plan: 'half', without: ['large'] },
  };
  const work = { kind: 'agent', name: 'native', prompt: 'the secret plan', model: 'large' } as const;

  const { predicate } = provenanceStatement(subject, { ...facts, task: { ...task, work }, plan });

  expect(predicate).toMatchObject({
    buildDefinition: { externalParameters: { work: { model: 'large' } }, internalParameters: { plan } },
  });
});

test('a prompt is named by its digest and never written out', () => {
  const text = JSON.stringify(provenanceStatement(subject, facts));

  expect(text).not.toContain('secret plan');
  expect(text).toContain(sha256('the secret plan'));
});

test.each([
  ['passed', 'PASSED'],
  ['failed', 'FAILED'],
  ['unknown', 'WARNED'],
] as const)('a %s test run is %s: unknown is neither red nor green', (outcome, result) => {
  const { predicate } = testResultStatement(subject, { ...sampleReport(oid('tree')), outcome });

  expect(predicate).toMatchObject({ result, maestro_report: { outcome, tree: oid('tree') } });
});

test('a test result is about the tree that was tested, also when another one came out', () => {
  const change = changeSubject({ ...sampleChange(), repo: task.repo, patchSha256: sha256('patch') });
  const { tree } = sampleChange();

  expect(testResultStatement(change, sampleReport(tree)).subject).toEqual([change]);
  expect(testResultStatement(change, sampleReport(oid('merged'))).subject).toEqual([
    { name: `tree:${oid('merged')}`, digest: { gitTree: oid('merged') } },
  ]);
});

test('the output of a test run is named by its digest and never written out', () => {
  const report = { ...sampleReport(oid('tree')), outputTail: 'token=hunter2' };

  expect(JSON.stringify(testResultStatement(subject, report))).not.toContain('hunter2');
});

test('a landing says what was tested, what landed and from where to where the branch moved', () => {
  const change = sampleChange();
  const { predicate } = landingStatement(subject, sampleLanding(change));

  expect(predicate).toMatchObject({
    repository: 'maestro:repo/storefront/shop',
    branch: 'main',
    tested: { base: change.base, tree: change.tree },
    landed: { commit: change.commit, tree: change.tree },
    compareAndSwap: { from: change.base, to: change.commit },
  });
});

test('the subject of a task changes with what was asked and not with how it went', () => {
  const other = { kind: 'recipe', name: 'rename-api', params: { from: 'fetchUser', to: 'other' } } as const;

  expect(taskSubject({ ...task, state: 'denied' })).toEqual(subject);
  expect(taskSubject({ ...task, work: other })).not.toEqual(subject);
});

test('names are kinds, numbered from two on', () => {
  expect(['landing', 'test-result-2', 'test-result-12'].map(kindOf)).toEqual(['landing', 'test-result', 'test-result']);
  expect(['test-result-1', 'landing-x', '../landing', '', 'Landing'].map(kindOf)).toEqual(Array(5).fill(undefined));
});
