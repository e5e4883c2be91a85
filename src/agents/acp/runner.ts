import { NO_USAGE } from '#domain/usage.ts';
import { programProblems, titleOf } from '../programs/problems.ts';
import type { RunContext, Runner, RunOutcome } from '../runner.ts';
import type { AcpOptions } from './options.ts';
import type { Turn } from './turn.ts';

/** Conducts any agent that speaks the Agent Client Protocol: one turn as one step, which carries on after crash and preemption. */
export function acpRunner(options: AcpOptions): Runner {
  return {
    kind: 'acp',
    problems: (work) => programProblems(options.program, work),
    run: async (context) => {
      const turn = await context.step(
        'turn',
        async (signal, state) => {
          // The protocol's schemas take a moment to load, so they are loaded when the first agent is started.
          const { oneTurn } = await import('./turn.ts');
          const { turn: done, ended } = await oneTurn(context, options, signal, state);
          return { result: done, usage: { ...NO_USAGE, slotMs: ended.wallMs, cpuMs: ended.cpuMs } };
        },
        { carriesOn: true },
      );
      return outcomeOf(turn, context, options.program.name);
    },
  };
}

/** What the agent says counts only where git sees the same. */
function outcomeOf(turn: Turn, context: RunContext, name: string): RunOutcome {
  const failure = FAILURES[turn.stop];
  if (failure !== undefined) {
    const [code, msg, fix] = failure;
    const words = turn.said === '' ? '' : `: ${turn.said.slice(0, 1500)}`;
    return { kind: 'failed', reasons: [{ code, msg: `${name} ${msg}${words}`, field: 'task.work', fix }] };
  }
  const changed = context.lastCheckpoint()?.tree !== context.workspace.baseTree;
  if (!changed) {
    const words = turn.said === '' ? 'it said nothing' : `it said: ${turn.said.slice(-500)}`;
    const summary = [`${name} ended its turn and no file differs; ${words}`, ...anew(turn, name)].join(' ');
    return { kind: 'no_change', summary };
  }
  const cut = turn.stop === 'end_turn' ? [] : [`${name} stopped early (${turn.stop}); its change may be unfinished.`];
  const refused =
    turn.refused === 0 ? [] : [`${turn.refused} of its ${turn.asked} requests for permission were refused.`];
  const warnings = [...anew(turn, name), ...cut, ...refused];
  return { kind: 'change', summary: titleOf(context.task.work, name), warnings };
}

/** What an interruption cost beyond time: an agent that lost its session thinks, and pays, from the beginning. */
function anew({ session }: Turn, name: string): readonly string[] {
  if (session !== 'anew') return [];
  return [
    `${name} was interrupted and began a new session from the files as they stood; its calls before that are paid.`,
  ];
}

type Failure = readonly [code: string, msg: string, fix: string];

const FAILURES: { readonly [stop in Turn['stop']]?: Failure } = {
  refusal: ['AGENT_REFUSED', 'refused to go on', 'say the task in other words'],
  cancelled: ['AGENT_CANCELLED', 'cancelled its own turn', 'retry the task'],
  died: ['AGENT_DIED', 'ended before its turn was over', 'see what it said last; try it by hand in its own repository'],
  fault: ['AGENT_BROKE_PROTOCOL', 'broke the protocol', 'see what it said last; use a version that speaks ACP v1'],
  wall: ['AGENT_WALL', 'did not end its turn in time', 'split the task, or raise run.wall'],
  output: ['AGENT_OUTPUT', 'said more than it may', 'split the task, or raise agent.output'],
  asks: ['AGENT_ASKS', 'asked for permission without end', 'configure it to ask less, or use another agent'],
};
