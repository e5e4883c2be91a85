import type { RunContext } from '../runner.ts';

/** What an agent of others is told beside its task, whatever its own system prompt says. */
const CONDUCT = [
  'You work in a sandbox without network; only this workspace can be changed.',
  'Make the smallest change that does the task, and run the tests. Never weaken or delete tests.',
  'Do not commit or push: whatever differs in the files when you end your turn is taken as your change.',
  'If rightly nothing has to change, change nothing and say why.',
].join('\n');

const MOST_TESTS = 3000;

export function firstPrompt({ task, testCommand, rung }: RunContext): string {
  const asked = task.work.kind === 'agent' ? task.work.prompt : task.work.name;
  const tests = testCommand.length === 0 ? '' : `\nThe tests run by: ${testCommand.join(' ')}`;
  const said = rung.testsSaid === undefined ? '' : `\nThe tests had said:\n${rung.testsSaid.slice(-MOST_TESTS)}`;
  const before = rung.because === undefined ? '' : `\n\nAn earlier attempt did not do: ${rung.because.msg}${said}`;
  return `${CONDUCT}${tests}\n\nTask:\n${asked}${before}`;
}

/** After an interruption: how the files stand, and the task again for a session that has forgotten it. */
export function nextPrompt(context: RunContext, changes: string): string {
  const stand = changes === '' ? 'No file differs from the base.' : `Files that differ from the base now:\n${changes}`;
  return `You were interrupted. ${stand}\nLook at them, then go on with the task and end it.\n\n${firstPrompt(context)}`;
}
