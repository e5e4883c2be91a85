import { readBundle } from './bundle.ts';
import type { StoredStatement } from './ports.ts';
import { decisionCardSchema } from './predicates/decision-card.ts';
import { kindOf } from './predicates/kinds.ts';
import { readStatement } from './statement.ts';

/** Markdown of the last Decision Card among the statements of a dossier; undefined when it has none. */
export function cardOf(statements: readonly StoredStatement[]): string | undefined {
  const stored = statements.findLast(({ name }) => kindOf(name) === 'decision-card');
  const parts = stored && readBundle(stored.bundle);
  const statement = parts && readStatement(parts.payload);
  return statement && decisionCardSchema.parse(statement.predicate).text;
}
