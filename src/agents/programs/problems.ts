import type { Reason } from '#domain/reason.ts';
import type { Work } from '#domain/task.ts';
import type { FoundProgram } from './program.ts';

/** What can be known to be wrong before any money is spent. */
export function programProblems(program: FoundProgram, work: Work): readonly Reason[] {
  const problems: Reason[] = [];
  if (work.kind !== 'agent' || work.prompt.trim() === '') {
    problems.push({
      code: 'PROMPT_MISSING',
      msg: `agent ${work.name} was not told what to do`,
      field: 'work.prompt',
      fix: 'give it a --prompt',
    });
  }
  if (program.path === undefined) {
    problems.push({
      code: 'AGENT_NOT_INSTALLED',
      msg: `${program.program}, the program of agent ${program.name}, is not on the search path`,
      field: 'work.name',
      fix: 'install it on every worker, or write its absolute path into the agents file',
    });
  }
  if (program.speaks === 'gemini') {
    problems.push({
      code: 'AGENT_FORMAT_UNKNOWN',
      msg: `${program.name} asks models in Google's own format, which the gateway does not offer`,
      field: 'work.name',
      fix: 'use an agent that speaks Chat Completions, Responses or Messages',
    });
  }
  return problems;
}

const LONGEST_TITLE = 72;

/** Title of a change that an agent made without naming it: the first line of what it was asked. */
export function titleOf(work: Work, name: string): string {
  const line = work.kind === 'agent' ? (work.prompt.trim().split('\n')[0] ?? name) : work.name;
  return line.length <= LONGEST_TITLE ? line : `${line.slice(0, LONGEST_TITLE - 3)}...`;
}
