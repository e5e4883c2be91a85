import type { SandboxResult } from '#domain/sandbox.ts';
import { withoutOwnKeys } from '#kernel/own-keys.ts';
import { NO_USAGE } from '#domain/usage.ts';
import { firstPrompt } from '../programs/prompt.ts';
import { type Forwarder, furniture, inside } from '../programs/inside.ts';
import { programProblems, titleOf } from '../programs/problems.ts';
import type { FoundProgram } from '../programs/program.ts';
import type { RunContext, Runner, RunOutcome } from '../runner.ts';

export interface CommandOptions {
  readonly program: FoundProgram;
  readonly forwarder: Forwarder;
  /** Since the run began, ms. */
  readonly wallMs: number;
}

const PROMPT_FILE = '.maestro-prompt.md';

/** What is kept of how the program ended. */
type Ended = {
  readonly endedBy: SandboxResult['endedBy'];
  readonly exitCode: number | null;
  readonly truncated: boolean;
  readonly said: string;
};

/** Conducts any program: prompt in, edits out. Broken off, it begins again from the checkpoint before. */
export function commandRunner(options: CommandOptions): Runner {
  return {
    kind: 'command',
    problems: (work) => programProblems(options.program, work),
    run: async (context) => {
      const ended = await context.step('command', async (signal) => {
        const result = await started(context, options, signal);
        // Stopped from outside is no result: the step is done again when the run goes on.
        if (result.endedBy === 'abort') signal.throwIfAborted();
        return { result: endedOf(result), usage: { ...NO_USAGE, slotMs: result.wallMs, cpuMs: result.cpuMs } };
      });
      return outcomeOf(ended, context, options.program.name);
    },
  };
}

async function started(context: RunContext, options: CommandOptions, signal: AbortSignal): Promise<SandboxResult> {
  const { program } = options;
  await using way = await inside(context, program, options.forwarder);
  const prompt = firstPrompt(context);
  const home = context.sandbox.profile.kind === 'process' ? await context.home() : '/tmp/home';
  await context.furnish({ ...furniture(program, way.words), [PROMPT_FILE]: prompt });
  const command = way.command({ prompt, promptFile: `${home}/${PROMPT_FILE}` });
  const told = program.args.some((each) => /\{prompt(File)?\}/.test(each));
  const limits = { ...context.limits, wallMs: Math.max(1, options.wallMs - context.elapsedMs()) };
  // The way out stays open until the program has ended.
  return await context.sandbox.run({ ...command, limits, ...(told ? {} : { stdin: prompt }) }, signal);
}

function endedOf({ endedBy, exitCode, truncated, stdout, stderr }: SandboxResult): Ended {
  const words = exitCode === 0 ? stdout : `${stdout.slice(-1000)}\n${stderr}`;
  return { endedBy, exitCode, truncated, said: withoutOwnKeys(words.trim()).slice(-1500) };
}

/** Exit code and words count only as far as git sees the same. */
function outcomeOf(ended: Ended, context: RunContext, name: string): RunOutcome {
  const failed = failureOf(ended);
  if (failed !== undefined) {
    const [code, what, fix] = failed;
    const words = ended.said === '' ? '' : `: ${ended.said}`;
    return { kind: 'failed', reasons: [{ code, msg: `${name} ${what}${words}`, field: 'task.work', fix }] };
  }
  const changed = context.lastCheckpoint()?.tree !== context.workspace.baseTree;
  if (!changed) {
    const words = ended.said === '' ? 'it said nothing' : `it said: ${ended.said.slice(-500)}`;
    return { kind: 'no_change', summary: `${name} ended with exit code 0 and no file differs; ${words}` };
  }
  const warnings = ended.truncated ? [`${name} printed more than is kept.`] : [];
  return { kind: 'change', summary: titleOf(context.task.work, name), warnings };
}

function failureOf({ endedBy, exitCode }: Ended): readonly [code: string, what: string, fix: string] | undefined {
  if (endedBy === 'timeout') return ['AGENT_WALL', 'did not end in time', 'split the task, or raise run.wall'];
  if (endedBy === 'signal') return ['AGENT_DIED', 'was ended by a signal', 'give it more memory if it ran out'];
  if (exitCode === 127) return ['AGENT_NOT_INSTALLED', 'is not there', 'install it on every worker'];
  if (exitCode !== 0) return ['AGENT_FAILED', `ended with exit code ${exitCode}`, 'see what it said last'];
  return undefined;
}
