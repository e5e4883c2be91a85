import { z } from 'zod';
import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Json } from '#kernel/json.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

const digestSet = z.record(z.string(), z.string().min(1));

/** What a statement is about: a name and its digests (`gitCommit`, `gitTree`, `sha256`). */
const subjectSchema = z.object({ name: z.string().min(1), digest: digestSet });
export type Subject = z.infer<typeof subjectSchema>;

/** in-toto ResourceDescriptor: something that a predicate refers to. */
export const resourceSchema = z.object({ name: z.string().min(1), digest: digestSet });

const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.string().min(1),
  predicate: z.json(),
});

/** in-toto Statement v1. */
export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Json;
}

export function statement(parts: Omit<Statement, '_type'>): Statement {
  return { _type: STATEMENT_TYPE, ...parts };
}

/** The bytes that are signed: canonical JSON, so that equal statements are equal bytes. */
export function payloadOf({ _type, subject, predicateType, predicate }: Statement): string {
  return canonicalJson({ _type, subject, predicateType, predicate });
}

/** Reads a payload; undefined when it is not an in-toto statement. */
export function readStatement(payload: Uint8Array): Statement | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    return statementSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // neither UTF-8 nor JSON: not a statement, which is the answer
  }
}

/** Same name and same digests. */
export function sameSubject(a: Subject, b: Subject): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
