import type { Json } from '#kernel/json.ts';

/** Where a process can be made to die, for the crash matrix. In the product every call does nothing. */
export interface Faults {
  at(point: { readonly step: string; readonly phase: 'before' | 'during' | 'after' }): void;
}

export type StepState = 'started' | 'finished';

export interface StepRecord {
  readonly seq: number;
  readonly name: string;
  readonly state: StepState;
  readonly result: Json;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}
