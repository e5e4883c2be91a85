import { plainText } from '#kernel/plain-text.ts';
import { listRuns, listSteps } from '#adapters/sql/index.ts';
import type { Reason } from '#domain/reason.ts';
import type { Task } from '#domain/task.ts';
import type { TestAttempt, TestOutput, TestReport } from '#domain/test-report.ts';
import type { StepRecord } from '#journal/ports.ts';
import type { House } from '../house.ts';
import type { Attempt } from '../tasks/step-fault.ts';

/** What was tested: the head of the default branch, the change alone, or the change on that head. */
type Tested = 'base' | 'change' | 'landing';

export type AttemptDocument = Pick<TestAttempt, 'outcome' | 'exitCode' | 'wallMs'> & {
  /** Of what it printed before anything was masked or cut; stands in the evidence too. */
  readonly outputSha256: string;
  /** Null when it was not asked for, or is kept no more. */
  readonly output: TestOutput | null;
};

/** One run of a test command for a task. */
export type TestsDocument = Pick<TestReport, 'tree' | 'command' | 'outcome' | 'flaky' | 'wallMs' | 'cached'> & {
  readonly run: string;
  readonly step: string;
  /** When the step ended, in milliseconds since 1970. */
  readonly at: number;
  readonly tested: Tested;
  readonly passed: number | null;
  readonly sandbox: string;
  readonly reasons: readonly Reason[];
  readonly attempts: readonly AttemptDocument[];
};

const STEPS: readonly (readonly [RegExp, Tested])[] = [
  [/^baseline$/, 'base'],
  [/^verify(?::\d+)?$/, 'change'],
  [/^land\.test\.\d+$/, 'landing'],
];

/** Every run of tests for a task in all of its runs, newest last; what passed prints only when `all` is asked for. */
export async function taskTests(house: House, task: Task, output: 'failed' | 'all'): Promise<readonly TestsDocument[]> {
  const found: TestsDocument[] = [];
  for (const run of await listRuns(house.store.truth, task.tenant, task.id)) {
    for (const { report, ...about } of reportsIn(await listSteps(house.store.truth, run.id))) {
      found.push(await documentOf(house, task, report, { run: run.id, ...about, output }));
    }
  }
  return found;
}

type Found = Pick<TestsDocument, 'step' | 'at' | 'tested'> & { readonly report: TestReport };

/** The reports that finished steps of a run keep, as the tests ran. */
export function reportsIn(steps: readonly StepRecord[]): readonly Found[] {
  return steps.flatMap(({ name: step, result, finishedAt: at }) => {
    const tested = STEPS.find(([pattern]) => pattern.test(step))?.[1];
    if (tested === undefined || result === null || at === null) return [];
    // The cast is true: steps of these names keep reports.
    const attempt = result as Attempt<TestReport>;
    if (!('done' in attempt)) return [];
    const { tree } = attempt.done;
    return inOrder(attempt.done).map((report) => ({
      ...{ step, at, report },
      tested: report.tree === tree ? tested : 'base', // types are checked before a merge too
    }));
  });
}

/** Types are checked once the tests have passed, and only what failed ends it. */
function inOrder(report: TestReport): readonly TestReport[] {
  const beside = report.beside ?? [];
  return report.outcome === 'passed' ? [report, ...beside] : [...beside, report];
}

async function documentOf(
  house: House,
  task: Task,
  report: TestReport,
  of: Pick<TestsDocument, 'run' | 'step' | 'at' | 'tested'> & { readonly output: 'failed' | 'all' },
): Promise<TestsDocument> {
  const { tree, command, outcome, flaky, wallMs, cached, reasons } = report;
  const { output, ...about } = of;
  const attempts: AttemptDocument[] = [];
  for (const [index, attempt] of report.attempts.entries()) {
    const wanted = output === 'all' || attempt.outcome !== 'passed';
    const last = index === report.attempts.length - 1;
    const { outputDigest: outputSha256, outcome, exitCode, wallMs } = attempt;
    const found = wanted ? await outputOf(house, task, attempt, last ? report : undefined) : null;
    attempts.push({ outcome, exitCode, wallMs, outputSha256, output: found });
  }
  return {
    ...about,
    ...{ tree, command, outcome, flaky, wallMs, cached, reasons, attempts },
    passed: report.testsPassed,
    sandbox: report.sandbox.kind,
  };
}

/** Once the output is kept no more, the report still has the end of the last attempt's, both streams as one. */
async function outputOf(
  { testOutputs }: House,
  { tenant }: Task,
  attempt: TestAttempt,
  report: TestReport | undefined,
): Promise<TestOutput | null> {
  const kept = await testOutputs.find(tenant, attempt);
  if (kept !== undefined) return kept;
  return report === undefined ? null : { stdout: plainText(report.outputTail), stderr: '', whole: false };
}
