import { formatDuration } from '#kernel/duration.ts';
import { formatUsd, type NanoUsd } from '#kernel/money.ts';
import type { ModelUse } from '#agents/index.ts';
import type { CardFact, DecisionCard } from '#domain/decision-card.ts';
import type { Repository } from '#domain/repository.ts';
import type { ModelPlan } from '#domain/plan.ts';
import { modelNamed, type Task, type Work } from '#domain/task.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { ResolvedFile } from '#train/index.ts';
import { type Ending, reasonsOf } from './ending.ts';
import type { Facts } from './facts.ts';

/** `rename-api from=a to=b`, or an agent's name, the model that was named for it, and the start of its prompt. */
export function workLine(work: Work): string {
  if (work.kind === 'agent') {
    const on = work.model === undefined ? '' : ` on ${work.model}`;
    return `${work.name}${on}: ${work.prompt.slice(0, 60)}`;
  }
  const params = Object.entries(work.params).map(([name, value]) => `${name}=${value}`);
  return [work.name, ...params].join(' ');
}

const DECISIONS: { readonly [kind in Ending['kind']]: string } = {
  landed: 'Landed: exactly the tree that was tested is on the default branch',
  no_change: 'No change: there was rightly nothing to do',
  needs_human: 'Waits for a person',
  denied: 'Denied by policy',
  failed: 'Failed: nothing was landed',
  again: 'Done anew on the new base',
};

/** The card of a run's end, from what its steps found out. */
export function endCard(
  task: Task,
  repo: Repository,
  ending: Ending,
  facts: Facts,
  used: {
    readonly costNano: NanoUsd;
    readonly slotMs: number;
    readonly lifted: readonly string[];
    readonly models: ModelUse;
  },
): DecisionCard {
  const reasons = reasonsOf(ending);
  return {
    task: task.id,
    tenant: task.tenant,
    title: workLine(task.work),
    decision: DECISIONS[ending.kind],
    reasons,
    facts: [
      { name: 'repository', value: `${repo.id}, base ${facts.base ?? 'unknown'}` },
      ...(facts.summary === undefined ? [] : [{ name: 'change', value: facts.summary }]),
      ...(facts.files === undefined ? [] : [{ name: 'files', value: filesLine(facts) }]),
      ...askedFacts(task, facts),
      ...shiftFacts(facts),
      ...rungFacts(facts),
      ...testFacts('tests before', facts.baseline),
      ...testFacts('tests after', facts.proof),
      ...mergeFacts(facts),
      ...landingFacts(facts),
      ...modelFacts(used.models),
      { name: 'slot time', value: formatDuration(used.slotMs) },
    ],
    costNano: used.costNano,
    gramsCo2e: null,
    warnings: [...used.lifted, ...(facts.warnings ?? []), ...(facts.baseline?.sandbox.warnings ?? [])],
    nextStep: nextStep(task, ending),
  };
}

const REFUSED: { readonly [state: string]: string } = Object.freeze({
  deferred: 'Deferred: it waits for money',
  cancelled: 'Cancelled by a person',
});

/** The card of a task that was refused before it ran. */
export function refusalCard(task: Task): DecisionCard {
  const [first] = task.reasons;
  return {
    task: task.id,
    tenant: task.tenant,
    title: workLine(task.work),
    decision: REFUSED[task.state] ?? 'Denied before anything was done',
    reasons: task.reasons,
    facts: [{ name: 'repository', value: task.repo }, ...namedFacts(task)],
    // The cast is true: zero is an integer number of nano-dollars.
    costNano: 0 as NanoUsd,
    gramsCo2e: null,
    warnings: [],
    nextStep: first?.fix ?? 'look at the task',
  };
}

function filesLine(facts: Facts): string {
  const files = facts.files ?? [];
  const added = files.reduce((sum, file) => sum + (file.addedLines ?? 0), 0);
  const deleted = files.reduce((sum, file) => sum + (file.deletedLines ?? 0), 0);
  return `${files.length} changed, ${added} lines added, ${deleted} deleted`;
}

/** The model that was named for work that has not begun. */
export function namedFacts({ work }: Pick<Task, 'work'>): readonly CardFact[] {
  const asked = modelNamed(work);
  return asked === undefined ? [] : [{ name: 'model asked for', value: asked }];
}

/** The model that was named, what the run began with instead, and why. */
function askedFacts(task: Task, { plan }: Facts): readonly CardFact[] {
  if (plan === undefined) return namedFacts(task);
  const line = askedLine(plan);
  return line === undefined ? [] : [{ name: 'model asked for', value: line }];
}

/** `large, and it began with it`, or what it began with instead and why; undefined where nobody named a model. */
export function askedLine({ asked, rungs, shift }: ModelPlan): string | undefined {
  if (asked === undefined) return undefined;
  const [first] = rungs;
  if (first === asked) return `${asked}, and it began with it`;
  const because = shift?.because === undefined ? '' : `: ${shift.because}`;
  return `${asked}, and it began with ${first ?? 'none'}, since the budget allowed plan ${shift?.plan ?? 'none'} only${because}`;
}

/** What the budgets took away. */
function shiftFacts({ plan }: Facts): readonly CardFact[] {
  if (plan?.shift === undefined) return [];
  const { shift } = plan;
  return [{ name: 'budget plan', value: `${shift.plan}: without ${shift.without.join(', ')}` }];
}

/** Each rung that was tried: on which model, what it cost, and why the next one was taken. */
function rungFacts({ rungs, plan }: Facts): readonly CardFact[] {
  return rungs.map(({ index, model, used, failed, next }) => {
    const why = failed === undefined ? 'it did' : `${failed.code}: ${firstLine(failed.msg)}`;
    const then = next === undefined ? '' : `; so ${next} was asked next`;
    const of = plan === undefined || plan.rungs.length < 2 ? '' : ` of ${plan.rungs.length}`;
    return { name: `model ${index + 1}${of}`, value: `${model}: ${useLine(used)}; ${why}${then}` };
  });
}

function modelFacts(used: ModelUse): readonly CardFact[] {
  return used.calls === 0 ? [] : [{ name: 'models', value: useLine(used) }];
}

function useLine({ calls, inputTokens, cachedTokens, outputTokens, costNano }: ModelUse): string {
  const cached = cachedTokens === 0 ? '' : ` (${cachedTokens} from the prompt cache)`;
  return `${calls} calls, ${inputTokens} tokens in${cached}, ${outputTokens} out, ${formatUsd(costNano)}`;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function testFacts(name: string, report: TestReport | undefined): readonly CardFact[] {
  if (report === undefined) return [];
  const count = report.testsPassed === null ? '' : `, ${report.testsPassed} passed`;
  const flaky = report.flaky ? ', after one failure (flaky)' : '';
  const where = `sandbox ${report.sandbox.kind}, network ${report.sandbox.network}`;
  return [{ name, value: `${report.command.join(' ')}: ${report.outcome}${count}${flaky}; ${where}` }];
}

const MERGES = Object.freeze({ auto: 'merged', suggest: 'proposed merge of', leave: 'left conflict of' });

function mergeFacts({ landing, resolved = [], unsettled }: Facts): readonly CardFact[] {
  if (landing === undefined)
    return (unsettled?.files ?? []).map((file) => ({
      name: `${MERGES[file.tier]} ${file.path}`,
      value: mergedLine(file),
    }));
  return resolved.map((file) => ({
    name: `merged ${file.path}`,
    value: `${file.tier === 'suggest' ? 'confirmed by a person; ' : ''}${mergedLine(file)}`,
  }));
}

function landingFacts({ landing }: Facts): readonly CardFact[] {
  if (landing === undefined) return [];
  return [
    { name: 'landed', value: `${landing.branch} moved from ${landing.movedFrom} to ${landing.movedTo}` },
    { name: 'tree', value: `tested ${landing.testedTree}, landed ${landing.landedTree}` },
    ...(landing.testedOnTopOf === null
      ? []
      : [{ name: 'tested', value: `on top of ${landing.testedOnTopOf}, before that one had landed` }]),
  ];
}

/** Rule, confidence, reasons, digests and gates of one conflict. */
function mergedLine({ rule, tier, confidence, reasons, record }: ResolvedFile): string {
  const facts = tier === 'leave' ? [] : [`rule ${rule}`, `confidence ${confidence.toFixed(2)}`];
  facts.push(...reasons);
  if (record) {
    const { base, ours, theirs, merged } = record.digests;
    facts.push(`SHA-256 of base ${base}, ours ${ours}, theirs ${theirs}, result ${merged}`);
    if (record.gates.length > 0)
      facts.push(`gates: ${record.gates.map(({ gate, ok }) => `${gate} ${ok ? 'passed' : 'FAILED'}`).join(', ')}`);
  }
  return facts.join('; ');
}

function nextStep(task: Task, ending: Ending): string {
  if (ending.kind === 'landed') return `look at it: maestro change diff ${ending.change}`;
  if (ending.kind === 'no_change') return 'nothing';
  if (ending.kind === 'needs_human' && ending.change !== undefined) {
    return `maestro change show ${ending.change}, then approve or reject it`;
  }
  return reasonsOf(ending)[0]?.fix ?? `maestro task show ${task.id}`;
}
