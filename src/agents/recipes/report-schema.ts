import { z } from 'zod';
import type { RecipeReport } from './recipe.ts';

// Generous for honest reports, and a bound for what a dishonest one can put on cards and into the journal.
const line = z.string().max(4000);

const reason = z.strictObject({ code: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), msg: line, field: line, fix: line });

const report = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('change'),
    summary: line,
    files: z.array(line).max(100_000),
    places: z.int().min(0),
    warnings: z.array(line).max(50),
  }),
  z.strictObject({ kind: z.literal('no_change'), summary: line }),
  z.strictObject({ kind: z.literal('failed'), reasons: z.array(reason).min(1).max(50) }),
]);

/** Reads the last line that a recipe printed; undefined when that is not a report. */
export function readReport(printed: string): z.infer<typeof report> | undefined {
  try {
    const value: unknown = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
    return report.safeParse(value).data;
  } catch {
    return undefined;
  }
}

export function printReport(value: RecipeReport): string {
  return `${JSON.stringify(value)}\n`;
}
