import type { DecisionCard } from '#domain/decision-card.ts';
import type { Event } from '#domain/event.ts';
import type { ChangeId, DecisionId, GitOid, PrincipalId, RepoId, RunId, TaskId, TenantId } from '#domain/ids.ts';
import type { Landing } from '#domain/landing.ts';
import { NO_MODEL } from '#domain/plan.ts';
import type { Task, TaskState } from '#domain/task.ts';
import type { TestReport } from '#domain/test-report.ts';
import {
  changeSubject,
  type Closing,
  type DecidedAction,
  decisionCardStatement,
  landingStatement,
  pluginsStatement,
  type PluginUse,
  policyDecisionsStatement,
  provenanceStatement,
  taskSubject,
  testResultStatement,
} from '#evidence/index.ts';
import { sha256 } from '#kernel/digest.ts';
import { millis } from '#kernel/clock.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Desk } from './desk.ts';

const AT = 1_763_800_000_000;
const TENANT = 'storefront' as TenantId;
const REPO = 'storefront/shop' as RepoId;
const AGENT = 'agent:recipe' as PrincipalId;
const POLICY_DIGEST = sha256('rules');
const SANDBOX = {
  kind: 'bubblewrap',
  network: 'none',
  filesystem: 'workspace-only',
  limits: ['memory 2 GiB'],
  warnings: [],
} as const;

export function oid(seed: string): GitOid {
  return sha256(seed).slice(0, 40) as GitOid;
}

export function sampleTask(id = 'task_1', state: TaskState = 'landed'): Task {
  return {
    id: id as TaskId,
    tenant: TENANT,
    repo: REPO,
    work: { kind: 'recipe', name: 'rename-api', params: { from: 'fetchUser', to: 'loadUser' } },
    priority: 'lo',
    key: `key-${id}`,
    submittedBy: 'human:ada' as PrincipalId,
    state,
    reasons: [],
    submittedAt: millis(AT),
    boundNano: nanoUsd(1_000_000),
  };
}

export function sampleCard(task: Task, reasons: DecisionCard['reasons'] = []): DecisionCard {
  return {
    task: task.id,
    tenant: task.tenant,
    title: 'Rename fetchUser to loadUser',
    decision: task.state,
    reasons,
    facts: [{ name: 'files', value: '12' }],
    costNano: nanoUsd(12_300_000),
    gramsCo2e: null,
    warnings: [],
    nextStep: 'Nothing to do.',
  };
}

export function sampleReport(tree: GitOid): TestReport {
  return {
    tree,
    command: ['node', '--test'],
    outcome: 'passed',
    flaky: false,
    attempts: [{ outcome: 'passed', exitCode: 0, wallMs: 812, cpuMs: 640, outputDigest: sha256('pass 12') }],
    testsPassed: 12,
    reasons: [],
    exitCode: 0,
    wallMs: 812,
    cpuMs: 640,
    outputTail: 'pass 12',
    outputDigest: sha256('pass 12'),
    environmentKey: 'empty',
    sandbox: SANDBOX,
    actionDigest: sha256('action'),
    cached: false,
  };
}

export interface SampleChange {
  readonly base: GitOid;
  readonly commit: GitOid;
  readonly tree: GitOid;
  readonly patch: Uint8Array;
}

export function sampleChange(seed = 'change'): SampleChange {
  const patch = Buffer.from(`diff --git a/${seed}.ts b/${seed}.ts\n`);
  return { base: oid(`${seed} base`), commit: oid(`${seed} commit`), tree: oid(`${seed} tree`), patch };
}

function sampleDecision(task: Task, allow = true): DecidedAction {
  return {
    action: {
      name: 'run.start',
      principal: { id: AGENT, kind: 'agent', delegatedBy: task.submittedBy, grants: [] },
      resource: { kind: 'task', id: task.id, tenant: TENANT, attributes: {} },
    },
    id: `decision_${task.id}` as DecisionId,
    allow,
    reasons: allow ? [] : [{ code: 'RECIPE_DENIED', msg: 'not for this tenant', field: 'task.work.name', fix: 'Ask' }],
    obligations: [],
    engine: 'builtin',
    policyDigest: POLICY_DIGEST,
    at: millis(AT + 1),
  };
}

const events: readonly Event[] = [
  { seq: 1, type: 'task.started', version: 1, at: millis(AT), tenant: TENANT, by: AGENT, data: { slot: 1 } },
];

export function sampleLanding(change: SampleChange): Landing {
  return {
    repo: REPO,
    branch: 'main',
    change: 'change_1' as ChangeId,
    changeBase: change.base,
    changeHead: change.commit,
    testedBase: change.base,
    testedOnTopOf: null,
    testedTree: change.tree,
    landedCommit: change.commit,
    landedTree: change.tree,
    movedFrom: change.base,
    movedTo: change.commit,
    landedAt: millis(AT + 5000),
    landedBy: 'service:conductor' as PrincipalId,
    approvedBy: [],
  };
}

export function sampleClosing(task: Task): Closing {
  return { task, attempt: 1, policyDigest: POLICY_DIGEST, closedAt: millis(AT + 6000), maestroVersion: '0.1.0' };
}

export interface Parts {
  /** Where the run started, when it is not where the change did. */
  readonly provenanceBase?: GitOid;
  readonly landing?: Landing;
  readonly report?: TestReport;
  /** Says that the report is of the change, whatever tree it names. */
  readonly claimed?: boolean;
  /** Plugins that ran; `named` are those that the provenance names, when it names others. */
  readonly plugins?: readonly PluginUse[];
  readonly named?: readonly PluginUse[];
}

/** One use of a plugin, whose SBOM is the text that its digest is of. */
export function samplePlugin(id = 'plugin.ast-codemod'): PluginUse {
  const sbom = `{"bomFormat":"CycloneDX","metadata":{"component":{"name":"${id}"}}}`;
  return {
    id,
    version: '1.0.0',
    digests: { module: sha256(id), manifest: sha256(`${id} manifest`), sbom: sha256(sbom) },
    instrumentedDigest: sha256(`${id} instrumented`),
    builder: 'https://example.com/builder',
    keyIds: [sha256('key')],
    granted: ['reads src/**'],
    walls: ['bubblewrap'],
    sbom,
    calls: 1,
    failures: {},
    edited: ['src/a.ts'],
  };
}

/** Records and closes what a landed task leaves: five statements, one more where plugins ran, and their summary. */
export async function recordLanded(desk: Desk, task: Task, change: SampleChange, parts: Parts = {}): Promise<void> {
  const { base, commit, tree, patch } = change;
  const { plugins = [], named = plugins } = parts;
  const subject = changeSubject({ repo: REPO, commit, tree, patchSha256: sha256(patch) });
  const provenance = provenanceStatement(subject, {
    task,
    run: `run_${task.id}` as RunId,
    agent: AGENT,
    base: parts.provenanceBase ?? base,
    environmentKey: 'empty',
    sandbox: SANDBOX,
    plan: NO_MODEL,
    plugins: named.map(({ id, version, digests }) => ({ id, version, digest: digests.module })),
    policyDigest: POLICY_DIGEST,
    events,
    startedAt: millis(AT + 10),
    finishedAt: millis(AT + 900),
    maestroVersion: '0.1.0',
  });
  const tested = testResultStatement(subject, parts.report ?? sampleReport(tree));
  const statements = {
    provenance,
    ...(plugins.length > 0 ? { plugins: pluginsStatement(subject, plugins) } : {}),
    'test-result': parts.claimed === true ? { ...tested, subject: [subject] } : tested,
    'policy-decisions': policyDecisionsStatement(subject, [sampleDecision(task)]),
    landing: landingStatement(subject, parts.landing ?? sampleLanding(change)),
    'decision-card': decisionCardStatement(subject, sampleCard(task)),
  };
  await desk.sql.tx(async (tx) => {
    for (const [name, statement] of Object.entries(statements)) {
      await desk.book.record(tx, { dossier: { task: task.id, attempt: 1 }, name, statement });
    }
    await desk.book.close(tx, subject, sampleClosing(task));
  });
}

/** Records and closes what a task without a change leaves: its policy decisions, its card and their summary. */
export async function recordRefused(desk: Desk, task: Task): Promise<void> {
  const subject = taskSubject(task);
  const dossier = { task: task.id, attempt: 1 };
  const decided = sampleDecision(task, false);
  await desk.sql.tx(async (tx) => {
    const decisions = policyDecisionsStatement(subject, [decided]);
    await desk.book.record(tx, { dossier, name: 'policy-decisions', statement: decisions });
    const card = decisionCardStatement(subject, sampleCard(task, decided.reasons));
    await desk.book.record(tx, { dossier, name: 'decision-card', statement: card });
    await desk.book.close(tx, subject, sampleClosing(task));
  });
}
