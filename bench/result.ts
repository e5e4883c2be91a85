import { cpus, totalmem } from 'node:os';
import type { Json } from '#kernel/json.ts';

/** One figure that the bench must reach. `value` null: not measured, because a peer or an engine is absent. */
export interface BenchTarget {
  readonly name: string;
  readonly value: number | null;
  readonly op: '>=' | '<=' | '>' | '<' | '=';
  readonly target: number;
  /** Null: not measured, never passed. */
  readonly ok: boolean | null;
}

/** One line of the table. A number that comes from a simulation says `simulated: true` in its row. */
export type BenchRow = { readonly [column: string]: Json };

/** The computer that a bench ran on. Memory in bytes. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  readonly os: string;
  readonly node: string;
}

/** What every `bench/<name>.ts` gives back from `run`. `ok`: all met (true), one missed (false), otherwise incomplete (null). */
export interface BenchResult {
  readonly bench: string;
  readonly seed: number;
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  readonly targets: readonly BenchTarget[];
  readonly ok: boolean | null;
}

const HOLDS = {
  '>=': (value: number, target: number) => value >= target,
  '<=': (value: number, target: number) => value <= target,
  '>': (value: number, target: number) => value > target,
  '<': (value: number, target: number) => value < target,
  '=': (value: number, target: number) => value === target,
} as const satisfies { readonly [op in BenchTarget['op']]: (value: number, target: number) => boolean };

/** Compares a measured value with what must be reached; NaN misses. */
export function target(name: string, value: number | null, op: BenchTarget['op'], wanted: number): BenchTarget {
  return { name, value, op, target: wanted, ok: value === null ? null : HOLDS[op](value, wanted) };
}

/** Puts a result together: names the machine and draws the verdict. No targets at all is incomplete, not passed. */
export function benchResult(result: {
  bench: string;
  seed: number;
  rows: readonly BenchRow[];
  targets: readonly BenchTarget[];
}): BenchResult {
  const verdicts = result.targets.map((each) => each.ok);
  const complete = verdicts.length > 0 && !verdicts.includes(null);
  return { ...result, machine: machine(), ok: verdicts.includes(false) ? false : complete ? true : null };
}

/** The middle value, or the mean of the two in the middle; throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  if (high === undefined || low === undefined) throw new RangeError('the median of nothing');
  return (high + low) / 2;
}

function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    os: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}
