import { digestOf } from '#kernel/digest.ts';
import { nanoUsd } from '#kernel/money.ts';
import type { Reason } from '#domain/reason.ts';
import { NO_USAGE } from '#domain/usage.ts';
import type { ChatAnswer } from '../ports.ts';
import type { RunContext, StepWork } from '../runner.ts';
import type { Tool } from './tools/tool.ts';
import type { Answer, Message } from './transcript.ts';

/** What a call of the model came to, or why there was none. */
export type Thought = Answer | { readonly kind: 'stopped'; readonly reason: Reason };

/** One call of the model as one durable step, under a natural key: asked again after a crash, the gateway knows it. */
export function think(
  context: RunContext,
  call: {
    readonly seq: number;
    readonly messages: readonly Message[];
    readonly tools: readonly Tool[];
    /** Tokens that the answer may have. */
    readonly most: number;
    stop(elapsedMs: number): Reason | undefined;
  },
): Promise<Thought> {
  return context.think(`think:${call.seq}`, async (signal): Promise<StepWork<Thought>> => {
    const reason = call.stop(context.elapsedMs());
    if (reason !== undefined) return { result: { kind: 'stopped', reason }, usage: NO_USAGE };
    const body = {
      model: context.rung.model,
      messages: call.messages,
      tools: call.tools.map(({ name, description, parameters }) => ({
        type: 'function',
        function: { name, description, parameters },
      })),
      max_completion_tokens: call.most,
    };
    const key = digestOf({
      run: context.workspace.run,
      rung: context.rung.index,
      seq: call.seq,
      prompt: digestOf(body),
    });
    const answer = await context.models.ask({ key, body }, signal);
    return { result: thoughtOf(answer), usage: usageOf(answer) };
  });
}

function thoughtOf(answer: ChatAnswer): Thought {
  if (answer.kind === 'answer') return answer;
  const { code, message } = answer;
  return { kind: 'stopped', reason: { code, msg: message, field: 'task.work', fix: `see: maestro explain ${code}` } };
}

function usageOf(answer: ChatAnswer): StepWork<Thought>['usage'] {
  if (answer.kind !== 'answer') return NO_USAGE;
  const { costNano, inputTokens, outputTokens } = answer.usage;
  return { ...NO_USAGE, costNano: nanoUsd(costNano ?? 0), modelCalls: 1, inputTokens, outputTokens };
}
