import { EvidenceError } from '../errors.ts';
import { payloadOf, readStatement, type Statement } from '../statement.ts';
import { kindOf, KINDS } from './kinds.ts';

/** What cannot be read back would never verify, so it is refused before it is signed: throws STATEMENT_INVALID. */
export function requireReadable(name: string, statement: Statement): void {
  const invalid = (why: string, cause?: unknown): EvidenceError =>
    new EvidenceError('STATEMENT_INVALID', `statement "${name}" ${why}`, { name }, cause);
  const kind = kindOf(name);
  if (kind === undefined) throw invalid('is not named by a kind');
  const { predicateType, schema } = KINDS[kind];
  if (statement.predicateType !== predicateType) throw invalid(`is of type ${statement.predicateType}`);
  if (readStatement(Buffer.from(payloadOf(statement))) === undefined)
    throw invalid('has no subject or an empty digest');
  const { error } = schema.safeParse(statement.predicate);
  if (error !== undefined) throw invalid('has a predicate that cannot be read back', error);
}
