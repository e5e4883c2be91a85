import { formatDuration } from '#kernel/duration.ts';
import type { Status, TaskStatus } from '#app/views/status.ts';
import { type Io, table } from './io.ts';

const COLORS: { readonly [state: string]: number } = {
  landed: 32,
  no_change: 32,
  failed: 31,
  denied: 31,
  deferred: 33,
  needs_human: 33,
  running: 36,
};

/** Shows work as it goes: redrawn in place where a person watches, else one line for each change of state. */
export class LiveTable {
  readonly #io: Io;
  #drawn = 0;
  #told = new Map<string, string>();

  constructor(io: Io) {
    this.#io = io;
  }

  show(status: Status): void {
    if (this.#io.live) this.#redraw(status);
    else this.#tellChanges(status.tasks);
  }

  #redraw(status: Status): void {
    const text = taskTable(status.tasks, this.#io.color);
    const up = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\u001b[J`;
    this.#io.out(`${up}${text}\n`);
    this.#drawn = text.split('\n').length;
  }

  #tellChanges(tasks: readonly TaskStatus[]): void {
    for (const task of tasks) {
      if (this.#told.get(task.task) === task.state) continue;
      this.#told.set(task.task, task.state);
      const why = task.reasons.map(({ code }) => code).join(', ');
      this.#io.err(`${task.tenant} ${task.key}: ${task.state}${why === '' ? '' : ` (${why})`}\n`);
    }
  }
}

function taskTable(tasks: readonly TaskStatus[], color: boolean): string {
  const rows = tasks.map((task) => [
    task.tenant,
    task.key.slice(0, 24),
    task.what.length > 44 ? `${task.what.slice(0, 43)}…` : task.what,
    task.state,
    formatDuration(task.ranMs),
    task.doing === '' ? task.reasons.map(({ code }) => code).join(', ') : task.doing,
  ]);
  const text = table([['TENANT', 'TASK', 'WHAT', 'STATE', 'RAN', ''], ...rows]);
  return color ? text.replace(/\b(landed|no_change|failed|denied|deferred|needs_human|running)\b/g, paint) : text;
}

function paint(state: string): string {
  return `\u001b[${COLORS[state] ?? 0}m${state}\u001b[0m`;
}
