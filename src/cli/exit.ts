import type { TaskState } from '#domain/task.ts';

/** How a command ends, for the shell; see docs/reference/commands.md. */
export const EXIT = {
  done: 0,
  /** The work ended badly: a check failed, a conflict is left, a gate said no. */
  bad: 1,
  usage: 2,
  /** Denied or deferred by policy or budget. */
  refused: 3,
  /** An engine is missing or unreachable. */
  engine: 4,
  /** Our own bug. */
  bug: 70,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** How a command that waited for a task ends: refusals are told apart from work that ended badly. */
export function exitOfTask(state: TaskState): Exit {
  if (state === 'landed' || state === 'no_change') return EXIT.done;
  return state === 'denied' || state === 'deferred' ? EXIT.refused : EXIT.bad;
}
