import type { Reason } from '#domain/reason.ts';

/** Deeper than anything that a rule reads. */
const MOST_LEVELS = 64;

/**
 * Why the input would not reach every engine unchanged: JSON and UTF-8 have no half of a surrogate pair, no NaN, no cycle.
 * Two texts that differ here could be one there. Undefined: it would.
 */
export function textFault(input: unknown): Reason | undefined {
  if (survives(input, MOST_LEVELS)) return undefined;
  return {
    code: 'INPUT_INVALID',
    msg: 'the input is not JSON in well-formed text',
    field: 'input',
    fix: `give texts, finite numbers, lists and objects, at most ${MOST_LEVELS} levels deep`,
  };
}

function survives(value: unknown, levels: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || levels === 0) return false;
  if (Array.isArray(value)) return value.every((member) => survives(member, levels - 1));
  return Object.entries(value).every(
    ([name, member]) => name.isWellFormed() && (member === undefined || survives(member, levels - 1)),
  );
}
