import { readLogBody } from '../log-body.ts';
import { CLOSING, KINDS, kindOf } from '../predicates/kinds.ts';
import { payloadOf, sameSubject, type Subject } from '../statement.ts';
import type { Failure } from './failures.ts';
import { basesOf, wrongBase } from './bases.ts';
import type { Found, Genuine } from './folder.ts';
import { type Sound, soundOf } from './sound.ts';

/**
 * Which part of a payload was changed, told by what the genuine statements of the folder say: subject, kind, base;
 * what remains is the predicate. Bytes that say the same in another spelling, or nothing at all, are the payload's.
 */
export function whatChanged(found: Found, genuine: readonly Genuine[]): Failure {
  const { name, statement, parts } = found;
  const failure = (code: Failure['code'], why: string): Failure => ({ code, statement: name, why });
  if (statement === undefined || parts === undefined) return failure('PAYLOAD_CHANGED', 'it is no longer a statement');
  const original = Buffer.from(payloadOf(statement));
  if (readLogBody(parts.body)?.isOf(original) === true || !isComplete(parts.payload)) {
    return failure('PAYLOAD_CHANGED', 'the bytes differ from those that were signed');
  }
  if (!subjectsAgree(name, statement.subject, genuine)) {
    return failure('SUBJECT_MISMATCH', `now about ${statement.subject.map((each) => each.name).join(', ')}`);
  }
  const kind = kindOf(name);
  if (kind !== undefined && statement.predicateType !== KINDS[kind].predicateType) {
    return failure('PREDICATE_CHANGED', `now of type ${statement.predicateType}`);
  }
  const base = baseChange(soundOf(name, statement), genuine);
  if (base !== undefined) return failure('BASE_MISMATCH', base);
  return failure('PREDICATE_CHANGED', 'the predicate differs from the one that was signed');
}

function baseChange(now: Sound | undefined, genuine: readonly Genuine[]): string | undefined {
  const own = now && basesOf(now);
  const others = genuine
    .map((each) => soundOf(each.name, each.statement))
    .map((each) => each && basesOf(each))
    .filter((each) => each !== undefined);
  return own && wrongBase(own, others);
}

// Exactly the four members that a statement has: others, or other types, are not a matter of the predicate.
function isComplete(payload: Buffer): boolean {
  const json: unknown = JSON.parse(payload.toString('utf8'));
  return typeof json === 'object' && json !== null && Object.keys(json).length === 4;
}

/** The summary covers the subjects of all others, and theirs are among its own. */
function subjectsAgree(name: string, subjects: readonly Subject[], genuine: readonly Genuine[]): boolean {
  const covers = (wide: readonly Subject[], narrow: readonly Subject[]): boolean =>
    narrow.every((subject) => wide.some((each) => sameSubject(each, subject)));
  if (name === CLOSING) return genuine.every(({ statement }) => covers(subjects, statement.subject));
  const summary = genuine.find((each) => each.name === CLOSING);
  const known = summary?.statement.subject ?? genuine.flatMap(({ statement }) => statement.subject);
  return known.length === 0 || covers(known, subjects);
}
