import { confidenceTable } from './confidence-table.ts';
import type { ConfidenceRow } from './confidence-row.ts';
import type { Resolution } from './ports.ts';
import type { Rule } from './rules.ts';
import type { Step } from './tree/outcome.ts';

/** At least this: applied without asking. */
const AUTO = 0.78;
/** At least this: proposed with its reason. Below, a proposal would cost its reader more than it saves. */
const SUGGEST = 0.56;

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

/** Rules that choose between the sides or set an order that could matter: proposals, however often they are right. */
const ONLY_PROPOSED: ReadonlySet<Rule> = new Set(['wider', 'both-inserted', 'adjoining', 'moved', 'deeper']);

export function tierOf(steps: readonly Step[], confidence: number): Resolution['tier'] {
  if (confidence >= AUTO && !rulesOf(steps).some((rule) => ONLY_PROPOSED.has(rule))) return 'auto';
  return confidence >= SUGGEST ? 'suggest' : 'leave';
}
