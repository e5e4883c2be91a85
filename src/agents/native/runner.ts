import type { Reason } from '#domain/reason.ts';
import type { Work } from '#domain/task.ts';
import type { RunContext, Runner, RunOutcome } from '../runner.ts';
import { boundReached, type NativeBounds } from './bounds.ts';
import { CONDUCT } from './conduct.ts';
import { act, type Done } from './do.ts';
import { type Act, repetition } from './repetition.ts';
import { readFinish } from './tools/finish.ts';
import { toolsWith } from './tools/map.ts';
import type { PluginTool } from '../ports.ts';
import { think, type Thought } from './think.ts';
import { answerMessage, type Message, taskMessage, toolMessage } from './transcript.ts';

const MOST_NAMES = 60;
/** Answers in a row that call no tool, before the attempt is given up. */
const MOST_IDLE = 3;

/** Maestro's own small agent: asks the gateway, does what the model calls for, step by step; each step is journalled. */
export function nativeRunner(bounds: Omit<NativeBounds, 'costNano'>): Runner {
  return {
    kind: 'native',
    conduct: { version: CONDUCT.version, digest: CONDUCT.digest },
    problems: (work) => (work.kind === 'agent' && work.prompt.trim() !== '' ? [] : [promptMissing(work)]),
    run: (context) => new Attempt(context, { ...bounds, costNano: context.task.boundNano }).run(),
  };
}

/** One attempt, from the first question to its end; after a crash the recorded steps lead to the same place. */
class Attempt {
  readonly #context: RunContext;
  readonly #bounds: NativeBounds;
  readonly #messages: Message[] = [];
  readonly #acts: Act[] = [];
  #spent = { steps: 0, costNano: 0, outputBytes: 0 };
  #idle = 0;

  constructor(context: RunContext, bounds: NativeBounds) {
    this.#context = context;
    this.#bounds = bounds;
  }

  async run(): Promise<RunOutcome> {
    const context = this.#context;
    const start = await context.note('brief', () => brief(context));
    const tools = toolsWith(start.plugins);
    this.#messages.push({ role: 'system', content: CONDUCT.text });
    this.#messages.push(taskMessage(context.task, start, context.testCommand, context.rung));
    for (;;) {
      const thought = await this.#think(tools);
      if (thought.kind !== 'answer') return { kind: 'failed', reasons: [thought.reason] };
      this.#messages.push(answerMessage(thought));
      const ended = thought.calls.length === 0 ? this.#noCall(thought) : await this.#act(thought, tools);
      if (ended !== undefined) return ended;
    }
  }

  async #think(tools: ReturnType<typeof toolsWith>): Promise<Thought> {
    const seq = this.#spent.steps + 1;
    const stop = (elapsedMs: number): Reason | undefined => boundReached(this.#bounds, this.#spent, elapsedMs);
    const most = this.#bounds.answerTokens;
    const thought = await think(this.#context, {
      seq,
      messages: this.#messages,
      tools: [...tools.values()],
      most,
      stop,
    });
    this.#spent = {
      ...this.#spent,
      steps: seq,
      costNano: this.#spent.costNano + (thought.kind === 'answer' ? (thought.usage.costNano ?? 0) : 0),
    };
    return thought;
  }

  /** The model talked and did nothing: it is told so, a few times. */
  #noCall(thought: Extract<Thought, { kind: 'answer' }>): RunOutcome | undefined {
    this.#idle += 1;
    if (this.#idle < MOST_IDLE) {
      const cut = thought.finish === 'length' ? 'Your answer was cut off at its limit. ' : '';
      this.#messages.push({
        role: 'user',
        content: `${cut}Answer with tool calls only; when you are done, call finish.`,
      });
      return undefined;
    }
    return failed(
      'AGENT_IDLE',
      `${this.#idle} answers in a row called no tool; the last said: ${thought.text.slice(0, 300)}`,
    );
  }

  async #act(
    thought: Extract<Thought, { kind: 'answer' }>,
    tools: ReturnType<typeof toolsWith>,
  ): Promise<RunOutcome | undefined> {
    this.#idle = 0;
    const results = await act(this.#context, { seq: this.#spent.steps, calls: thought.calls, tools });
    for (const [index, { id, text }] of results.entries()) {
      const call = thought.calls[index];
      this.#messages.push(toolMessage(id, text));
      this.#spent = { ...this.#spent, outputBytes: this.#spent.outputBytes + Buffer.byteLength(text) };
      this.#acts.push({ call: `${call?.name} ${call?.arguments}`, result: text });
    }
    const last = results.find(({ finish }) => finish !== undefined);
    if (last?.finish !== undefined) return outcomeOf(last.finish, this.#context);
    return this.#circles();
  }

  #circles(): RunOutcome | undefined {
    const found = repetition(this.#acts);
    if (found === 'stop') return failed('AGENT_REPEATS', 'the same actions came back with the same results five times');
    if (found === 'warn') {
      const content =
        'You repeat the same actions with the same results. Try something else, or finish with needs_human.';
      this.#messages.push({ role: 'user', content });
    }
    return undefined;
  }
}

async function brief(context: RunContext): Promise<{ names: string[]; more: number; plugins: PluginTool[] }> {
  const files = await context.files.list(10_000);
  const names = [...new Set(files.map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : path)))];
  const plugins = await context.plugins.list();
  return {
    names: names.slice(0, MOST_NAMES),
    more: Math.max(0, names.length - MOST_NAMES),
    plugins: [...plugins],
  };
}

function outcomeOf(finish: NonNullable<Done['finish']>, context: RunContext): RunOutcome {
  const { kind, summary, nextStep } = readFinish(finish);
  if (kind === 'no_change') return { kind, summary };
  if (kind === 'change') {
    // `finish` looked before; a step of its own has committed the files since.
    const differs = context.lastCheckpoint()?.tree !== context.workspace.baseTree;
    return differs
      ? { kind, summary, warnings: [] }
      : failed('AGENT_CLAIM_UNTRUE', 'it reports a change, but no file differs');
  }
  const fix = nextStep ?? 'look at the task';
  return { kind, reasons: [{ code: 'AGENT_BLOCKED', msg: summary, field: 'task.work', fix }] };
}

function failed(code: string, msg: string): RunOutcome {
  const fix = 'say more exactly what is to be done, or use a stronger model';
  return { kind: 'failed', reasons: [{ code, msg, field: 'task.work.prompt', fix }] };
}

function promptMissing(work: Work): Reason {
  return {
    code: 'PROMPT_MISSING',
    msg: `agent ${work.name} was not told what to do`,
    field: 'work.prompt',
    fix: 'give it a --prompt',
  };
}
