import { formatDuration } from '#kernel/duration.ts';
import type { AttemptDocument, TestsDocument } from '#app/views/task-tests.ts';
import { reasonLines, table } from './io.ts';

/** Lines of each stream that are shown where not everything is asked for. */
const SHOWN_LINES = Object.freeze({ stdout: 40, stderr: 20 });

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
  const more = all ? [] : [`Everything that they printed: maestro task tests ${task} --output`];
  return [table([heads, ...rows]), ...printed(tests, all), ...more].join('\n\n');
}

/** Reasons and outputs, in order; an output that came before (from the cache, or twice the same) is told by its place. */
function printed(tests: readonly TestsDocument[], all: boolean): readonly string[] {
  const parts: string[] = [];
  const shown = new Map<string, string>();
  for (const { tested, step, reasons, attempts } of tests) {
    if (reasons.length > 0) parts.push(`${tested} (${step})\n${reasonLines(reasons)}`);
    for (const [index, attempt] of attempts.entries()) {
      // Where both attempts failed the second one tells enough.
      const telling = attempt.outcome !== 'passed' && attempts[index + 1]?.outcome !== attempt.outcome;
      if (attempt.output === null || !(all || telling)) continue;
      const place = `${tested} (${step}), attempt ${index + 1}`;
      const before = shown.get(attempt.outputSha256);
      const head = `${place}: ${attempt.outcome}, ${endWords(attempt)}`;
      parts.push(
        before === undefined ? head + outputWords(attempt.output, all) : `${head}; it printed what ${before} did`,
      );
      if (before === undefined) shown.set(attempt.outputSha256, place);
    }
  }
  return parts;
}

function outcomeWords({ outcome, flaky, attempts }: Pick<TestsDocument, 'outcome' | 'flaky' | 'attempts'>): string {
  if (flaky) return 'passed (flaky)';
  return outcome === 'failed' && attempts.length > 1 ? 'failed twice' : outcome;
}

function endWords({ exitCode }: AttemptDocument): string {
  return exitCode === null ? 'ended by a signal or stopped' : `exit code ${exitCode}`;
}

function outputWords({ stdout, stderr, whole }: NonNullable<AttemptDocument['output']>, all: boolean): string {
  const streams = [
    { name: 'standard output', text: stdout, most: SHOWN_LINES.stdout },
    { name: 'standard error', text: stderr, most: SHOWN_LINES.stderr },
  ].filter(({ text }) => text !== '');
  if (streams.length === 0) return '; it printed nothing';
  const parts = streams.map(({ name, text, most }) => {
    const lines = text.replace(/\n+$/, '').split('\n');
    const shown = all ? lines : lines.slice(-most);
    const cut = shown.length < lines.length ? ` (the last ${shown.length} of ${lines.length} lines)` : '';
    return `--- ${name}${cut}\n${shown.join('\n')}`;
  });
  return `${whole ? '' : '; the beginning is not kept'}\n${parts.join('\n')}`;
}
