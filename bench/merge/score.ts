import type { BenchRow } from '../result.ts';
import type { Case } from './corpus.ts';

/** One resolver's answer to one case. */
export interface Answer {
  readonly one: Case;
  /** Undefined: the conflict is left. */
  readonly text: string | undefined;
  readonly equivalent: boolean;
}

/** Shares in percent. `precision`: equivalent to what people committed, of the resolved; `differs`: resolved otherwise, of all. */
export interface Score {
  readonly files: number;
  readonly resolved: number;
  readonly equivalent: number;
  readonly precision: number;
  readonly differs: number;
}

export function scoreOf(answers: readonly Answer[]): Score {
  const resolved = answers.filter((answer) => answer.text !== undefined).length;
  const agreed = answers.filter((answer) => answer.equivalent).length;
  return {
    files: answers.length,
    resolved: percent(resolved, answers.length),
    equivalent: percent(agreed, answers.length),
    precision: percent(agreed, resolved),
    differs: percent(resolved - agreed, answers.length),
  };
}

export function rowOf(resolver: string, set: string, answers: readonly Answer[]): BenchRow {
  return { resolver, set, ...scoreOf(answers) };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
}
