import type { NanoUsd } from '#kernel/money.ts';
import type { Reason } from '#domain/reason.ts';

/** How far one attempt of the native runner may go. */
export interface NativeBounds {
  /** Calls of the model. */
  readonly steps: number;
  readonly costNano: NanoUsd;
  /** Since the run began, ms. */
  readonly wallMs: number;
  /** Of all tool results together. */
  readonly outputBytes: number;
  /** Tokens that one answer may have. */
  readonly answerTokens: number;
}

/** What one attempt has used so far; counted from recorded steps only, so that a replay counts the same. */
export interface Spent {
  readonly steps: number;
  readonly costNano: number;
  readonly outputBytes: number;
}

/** Why the attempt must stop before its next call; undefined while it may go on. */
export function boundReached(bounds: NativeBounds, spent: Spent, elapsedMs: number): Reason | undefined {
  if (spent.steps >= bounds.steps) {
    return stop('AGENT_STEPS', `${spent.steps} calls were made, ${bounds.steps} are allowed`, 'raise agent.steps');
  }
  if (spent.costNano >= bounds.costNano) {
    const numbers = `$${dollars(spent.costNano)} of $${dollars(bounds.costNano)} are spent`;
    return stop('AGENT_COST', numbers, 'submit with a larger --max-usd');
  }
  if (elapsedMs >= bounds.wallMs) {
    return stop('AGENT_WALL', `the run has taken ${elapsedMs} ms, ${bounds.wallMs} are allowed`, 'raise run.wall');
  }
  if (spent.outputBytes >= bounds.outputBytes) {
    const numbers = `tools printed ${spent.outputBytes} bytes, ${bounds.outputBytes} are allowed`;
    return stop('AGENT_OUTPUT', numbers, 'raise agent.output');
  }
  return undefined;
}

function stop(code: string, msg: string, fix: string): Reason {
  return { code, msg, field: 'task.work', fix: `split the task into smaller ones, or ${fix}` };
}

function dollars(nano: number): string {
  return (nano / 1e9).toFixed(4);
}
