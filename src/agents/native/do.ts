import type { Json } from '#kernel/json.ts';
import { NO_USAGE } from '#domain/usage.ts';
import type { RunContext, StepWork } from '../runner.ts';
import { no, type Tool, type ToolResult } from './tools/tool.ts';
import type { Answer } from './transcript.ts';

/** One tool call done. `finish`: its arguments, when the tool took the end for true. */
export type Done = {
  readonly id: string;
  readonly ok: boolean;
  readonly text: string;
  readonly finish?: Json & object;
};

/**
 * The calls of one answer as one durable step that ends in a checkpoint. Broken off and begun again, it starts from the
 * checkpoint before, and the model is told how the files stand.
 */
export function act(
  context: RunContext,
  what: { readonly seq: number; readonly calls: Answer['calls']; readonly tools: ReadonlyMap<string, Tool> },
): Promise<readonly Done[]> {
  return context.step(`do:${what.seq}`, async (signal, { again }): Promise<StepWork<readonly Done[]>> => {
    const done: Done[] = [];
    let cpuMs = 0;
    for (const call of what.calls) {
      if (done.at(-1)?.finish !== undefined) {
        done.push({ id: call.id, ok: false, text: 'not done: the work is finished' });
        continue;
      }
      const args = argumentsOf(call.arguments);
      const tool = what.tools.get(call.name);
      const result = await used(tool, args, context, signal, call.name);
      signal.throwIfAborted();
      cpuMs += result.cpuMs;
      const ended =
        call.name === 'finish' && result.ok && typeof args === 'object' && args !== null ? { finish: args } : {};
      done.push({ id: call.id, ok: result.ok, text: result.text, ...ended });
    }
    const [first, ...rest] = done;
    const told =
      again && first !== undefined ? [{ ...first, text: `${first.text}\n\n${await truth(context)}` }, ...rest] : done;
    return { result: told, usage: { ...NO_USAGE, cpuMs } };
  });
}

async function used(
  tool: Tool | undefined,
  args: Json | undefined,
  context: RunContext,
  signal: AbortSignal,
  name: string,
): Promise<ToolResult> {
  if (tool === undefined) return no(`there is no tool ${name}`);
  if (args === undefined) return no('the arguments are not JSON');
  return tool.use(args, context, signal);
}

function argumentsOf(text: string): Json | undefined {
  try {
    // The cast is true: this is JSON that has just been read.
    return JSON.parse(text === '' ? '{}' : text) as Json;
  } catch {
    return undefined;
  }
}

async function truth(context: RunContext): Promise<string> {
  const changes = await context.changes();
  return `(The run was interrupted here; this step was done again from the last checkpoint. Files that differ from the base now:\n${changes === '' ? 'none' : changes})`;
}
