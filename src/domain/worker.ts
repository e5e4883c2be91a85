import type { Millis } from '#kernel/clock.ts';

/** What people want of a worker: serve, take nothing new, or end when what runs is done. */
export const WANTED = ['serving', 'cordoned', 'draining'] as const;
export type Wanted = (typeof WANTED)[number];

/** One worker process, as it last said. */
export interface WorkerRecord {
  /** `<host>:<pid>:<random>`: never the same twice. */
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** Tells its process from every other, so that others on its machine know when it has ended. Empty: they cannot. */
  readonly mark: string;
  /** Such as `gpu=true`; it serves the pools whose every label it has. */
  readonly labels: readonly string[];
  /** Tasks that it runs at the same time. */
  readonly slots: number;
  readonly running: number;
  readonly wanted: Wanted;
  readonly startedAt: Millis;
  readonly seenAt: Millis;
}
