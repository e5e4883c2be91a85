import type { SandboxResult, SandboxTalk } from '#domain/sandbox.ts';
import { furniture, type Inside, inside } from '../programs/inside.ts';
import type { RunContext, StepState } from '../runner.ts';
import { counted } from './counted.ts';
import { WORKSPACE } from './paths.ts';
import { firstPrompt, nextPrompt } from '../programs/prompt.ts';
import type { AcpOptions } from './options.ts';
import { Talk } from './talk.ts';
import { Terminals } from './terminals.ts';

/** Of the protocol, or why the agent could not say one: its process ended, it broke the protocol, or a bound was reached. */
type Stop = Awaited<ReturnType<Talk['hold']>> | 'died' | 'fault' | 'wall' | 'output' | 'asks';

/** How one turn of the agent ended. */
export type Turn = {
  readonly stop: Stop;
  /** Last words of the agent, or of the fault. */
  readonly said: string;
  readonly calls: number;
  readonly asked: number;
  readonly refused: number;
  /** How the session was taken up: anew, or from where an attempt that was broken off had left it. */
  readonly session: Talk['session'];
};

const LAST_WORDS_MS = 300;

/** Starts the agent inside the walls, has it do the task in one turn, and ends it with everything that it started. */
export async function oneTurn(
  context: RunContext,
  options: AcpOptions,
  signal: AbortSignal,
  state: StepState,
): Promise<{ turn: Turn; ended: SandboxResult }> {
  await using way = await inside(context, options.program, options.forwarder);
  await context.furnish(furniture(options.program, way.words));
  const root = context.sandbox.profile.kind === 'process' ? context.workspace.dir : WORKSPACE;
  await using terminals = new Terminals(context, { home: await context.home(), root });
  const over = new AbortController();
  let stop: Stop | undefined;
  const end = (why: Stop): void => {
    stop ??= why;
    over.abort(new Error(`the turn is over: ${why}`));
  };
  const { auth } = options.program;
  const { version } = options;
  const talk = new Talk({ context, root, terminals, state, auth, version, tooManyAsks: () => end('asks') });
  const prompt = state.again ? nextPrompt(context, await context.changes()) : firstPrompt(context);

  const both = AbortSignal.any([signal, over.signal]);
  const { running, streams } = begin(context, way, options, both);
  const held = streams.then(({ input, output }) =>
    talk.hold({ input, output: counted(output, options.outputBytes, () => end('output')) }, prompt, both),
  );
  let fault = '';
  const answered = held.then(end, (error: unknown) => {
    fault = error instanceof Error ? error.message : String(error);
  });
  const died = running.then(
    () => true,
    () => true,
  );
  await Promise.race([answered, died]);
  // What it had said before it ended may still be on its way; what ended the talk may be its end.
  if (stop === undefined) await Promise.race([answered, context.pause(LAST_WORDS_MS)]);
  if (stop === undefined) end((await Promise.race([died, context.pause(LAST_WORDS_MS)])) === true ? 'died' : 'fault');
  const ended = await running;
  signal.throwIfAborted();
  if (ended.endedBy === 'timeout') stop = 'wall';
  const { calls, session, permissions } = talk;
  const words = stop === 'died' || stop === 'fault' ? [fault, ended.stderr.trim().slice(-1500)].join('\n').trim() : '';
  const turn = { stop: stop ?? 'died', said: words === '' ? talk.said : words, calls, session };
  return { turn: { ...turn, asked: permissions.asked, refused: permissions.refused }, ended };
}

function begin(
  context: RunContext,
  way: Inside,
  options: AcpOptions,
  signal: AbortSignal,
): { readonly running: Promise<SandboxResult>; readonly streams: Promise<SandboxTalk> } {
  const streams = Promise.withResolvers<SandboxTalk>();
  const limits = { ...context.limits, wallMs: Math.max(1, options.wallMs - context.elapsedMs()) };
  const command = { ...way.command({}), limits, talk: (talk: SandboxTalk) => streams.resolve(talk) };
  const running = context.sandbox.run(command, signal);
  running.catch((fault: unknown) => streams.reject(fault));
  return { running, streams: streams.promise };
}
