import { confidenceTable } from './confidence-table.ts';
import type { Resolution } from './ports.ts';
import type { Rule } from './rules.ts';
import type { Step } from './tree/outcome.ts';

/** How often people wrote the same as this rule, for conflicts of up to so many lines; measured on real merges. */
export interface ConfidenceRow {
  readonly rule: string;
  /** Lines between git's conflict markers, both sides and all blocks; null: any number. */
  readonly upToLines: number | null;
  readonly files: number;
  readonly agreed: number;
  /** `agreed / files`, smoothed towards the rule's mean and falling with size. */
  readonly confidence: number;
}

/** At least this: applied without asking. */
const AUTO = 0.8;
/** At least this: proposed with its reason. Below, a proposal would cost its reader more than it saves. */
const SUGGEST = 0.5;

/** The rules that a merge used; `disjoint` when the sides only turned out to have changed different nodes. */
export function rulesOf(steps: readonly Step[]): readonly Rule[] {
  return steps.length === 0 ? ['disjoint'] : [...new Set(steps.map((step) => step.rule))];
}

/** The confidence of a merge is that of its least certain rule at this size; a rule that was never measured has none. */
export function confidenceOf(
  steps: readonly Step[],
  conflictLines: number,
  table: readonly ConfidenceRow[] = confidenceTable,
): { readonly rule: Rule; readonly confidence: number } {
  const rated = rulesOf(steps).map((rule) => ({ rule, confidence: lookUp(table, rule, conflictLines) }));
  return rated.reduce((least, one) => (one.confidence < least.confidence ? one : least));
}

function lookUp(table: readonly ConfidenceRow[], rule: string, lines: number): number {
  const row = table.find((one) => one.rule === rule && (one.upToLines === null || lines <= one.upToLines));
  return row?.confidence ?? 0;
}

export function tierOf(confidence: number): Resolution['tier'] {
  if (confidence >= AUTO) return 'auto';
  return confidence >= SUGGEST ? 'suggest' : 'leave';
}
