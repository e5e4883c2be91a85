import type { Json } from '#kernel/json.ts';
import type { Task } from '#domain/task.ts';
import type { Rung } from '#domain/plan.ts';
import type { ChatAnswer } from '../ports.ts';

export type Message = { readonly [name: string]: Json };

export type Answer = Extract<ChatAnswer, { kind: 'answer' }>;

const MOST_TESTS = 3000;

/** What a task begins with, found out once; the same for every call of the run, so that prompt caches keep it. */
export type Briefing = {
  readonly names: readonly string[];
  readonly more: number;
};

/** The task as the model is told it, after the system prompt. */
export function taskMessage(
  task: Pick<Task, 'tenant' | 'repo' | 'work'>,
  briefing: Briefing,
  testCommand: readonly string[],
  rung: Rung,
): Message {
  const { work } = task;
  const asked = work.kind === 'agent' ? work.prompt : work.name;
  const tests = testCommand.length === 0 ? 'none is known' : testCommand.join(' ');
  const before =
    rung.because === undefined
      ? []
      : [
          '',
          `An earlier attempt by a cheaper model did not do: ${rung.because.msg}`,
          'Its edits are gone; begin anew.',
          ...testWords(rung),
        ];
  return {
    role: 'user',
    content: [
      `Tenant ${task.tenant}, repository ${task.repo}. Test command: ${tests}.`,
      `Files at the top: ${briefing.names.join(' ')}${briefing.more > 0 ? ` (${briefing.more} more)` : ''}`,
      '',
      'Task:',
      asked,
      ...before,
    ].join('\n'),
  };
}

function testWords({ testsSaid }: Rung): readonly string[] {
  return testsSaid === undefined ? [] : ['The tests had said:', testsSaid.slice(-MOST_TESTS)];
}

/** An answer as it stands in the next prompt. */
export function answerMessage({ text, calls }: Answer): Message {
  const made = calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return { role: 'assistant', content: text === '' ? null : text, ...(made.length === 0 ? {} : { tool_calls: made }) };
}

export function toolMessage(id: string, text: string): Message {
  return { role: 'tool', tool_call_id: id, content: text };
}
