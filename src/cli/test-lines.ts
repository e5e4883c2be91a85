import { formatDuration } from '#kernel/duration.ts';
import type { AttemptDocument, TestsDocument } from '#app/views/task-tests.ts';
import { reasonLines, table } from './io.ts';

/** Lines of output that are shown where not everything is asked for. */
const SHOWN_LINES = 40;

/** The test runs of a task for a person: one row each, then what they printed. `all`: every line, also of what passed. */
export function testLines(tests: readonly TestsDocument[], task: string, all: boolean): string {
  if (tests.length === 0) return 'No tests have run for this task.';
  const rows = tests.map(({ run, step, tested, tree, passed, wallMs, cached, sandbox, command, ...rest }) => [
    run,
    step,
    tested,
    tree.slice(0, 12),
    outcomeWords(rest),
    passed === null ? '-' : String(passed),
    formatDuration(wallMs),
    cached ? 'cache' : sandbox,
    command.join(' ') || '-',
  ]);
  const heads = ['RUN', 'STEP', 'TESTED', 'TREE', 'OUTCOME', 'PASSED', 'TIME', 'FROM', 'COMMAND'];
  const parts = tests.flatMap((of) => [
    ...(of.reasons.length === 0 ? [] : [`${of.tested} (${of.step})\n${reasonLines(of.reasons)}`]),
    ...of.attempts.flatMap((attempt, index) => {
      const shown = all || (attempt.outcome !== 'passed' && !repeated(of, index));
      return shown && attempt.output !== null ? [printed(of, index, attempt, all)] : [];
    }),
  ]);
  const more = `Everything that they printed: maestro task tests ${task} --output`;
  return [table([heads, ...rows]), ...parts, ...(all ? [] : [more])].join('\n\n');
}

/** Where both attempts failed the second one tells enough. */
function repeated({ attempts }: TestsDocument, index: number): boolean {
  return attempts[index + 1]?.outcome === attempts[index]?.outcome;
}

function outcomeWords({ outcome, flaky, attempts }: Pick<TestsDocument, 'outcome' | 'flaky' | 'attempts'>): string {
  if (flaky) return 'passed (flaky)';
  return outcome === 'failed' && attempts.length > 1 ? 'failed twice' : outcome;
}

function printed({ tested, step }: TestsDocument, index: number, attempt: AttemptDocument, all: boolean): string {
  const { text = '', whole = true } = attempt.output ?? {};
  const lines = text.replace(/\n+$/, '').split('\n');
  const shown = all ? lines : lines.slice(-SHOWN_LINES);
  const ended = attempt.exitCode === null ? 'ended by a signal or stopped' : `exit code ${attempt.exitCode}`;
  const head = `${tested} (${step}), attempt ${index + 1}: ${attempt.outcome}, ${ended}`;
  const cut = [
    ...(shown.length < lines.length ? [`the last ${shown.length} of ${lines.length} lines`] : []),
    ...(whole ? [] : ['the beginning is not kept']),
  ];
  if (text === '') return `${head}; it printed nothing`;
  return `${head}${cut.length === 0 ? '' : ` (${cut.join('; ')})`}\n${shown.join('\n')}`;
}
