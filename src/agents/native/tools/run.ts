import { z } from 'zod';
import { formatDuration } from '#kernel/duration.ts';
import type { RunContext } from '../../runner.ts';
import { capped } from './text.ts';
import { no, tool, type ToolResult, yes } from './tool.ts';

const MOST_SHOWN = 16_000;
/** Programs print plain text, and tests write no snapshots. */
const ENV = { CI: 'true', NO_COLOR: '1', npm_config_update_notifier: 'false', npm_config_fund: 'false' };

/** A command line, inside the walls. */
export const run = tool({
  name: 'run',
  description:
    'Runs a command line (sh) in the workspace, inside the sandbox: no network, and whatever it starts ends with it. Gives exit code and output.',
  args: z.strictObject({ command: z.string().min(1).max(10_000) }),
  use: ({ command }, context, signal) => inSandbox(['/bin/sh', '-c', command], context, signal),
});

/** The repository's own tests. */
export const test = tool({
  name: 'test',
  description: 'Runs the tests of the repository as the conductor will run them, inside the sandbox.',
  args: z.strictObject({}),
  use: (_, context, signal) => {
    if (context.testCommand.length === 0) return Promise.resolve(no('the repository has no test command; use run'));
    return inSandbox(context.testCommand, context, signal);
  },
});

async function inSandbox(argv: readonly string[], context: RunContext, signal: AbortSignal): Promise<ToolResult> {
  const { ordinal, workspace, environment, sandbox, limits } = context;
  const command = { ordinal, argv, workspace: workspace.dir, environment, readOnly: [], env: ENV, limits };
  const result = await sandbox.run(command, signal);
  // Stopped from outside is no result: the step is done again when the run goes on.
  if (result.endedBy === 'abort') signal.throwIfAborted();
  const end =
    result.endedBy === 'timeout'
      ? `it did not end within ${formatDuration(limits.wallMs)} and was stopped`
      : result.exitCode === null
        ? 'it was ended by a signal'
        : `exit code ${result.exitCode}`;
  const cut = result.truncated ? '\n(it printed more than is kept)' : '';
  const said = [result.stdout, result.stderr].map((text) => text.trim()).filter((text) => text !== '');
  const text = `${end}\n${capped(said.join('\n--- standard error ---\n'), MOST_SHOWN)}${cut}`;
  return (result.exitCode === 0 ? yes : no)(text, result.cpuMs);
}
