import type { z } from 'zod';
import { KINDS, kindOf, type StatementKind } from '../predicates/kinds.ts';
import type { Statement, Subject } from '../statement.ts';

/** A statement whose name, predicate type and predicate fit together. */
export type Sound = {
  readonly [kind in StatementKind]: {
    readonly kind: kind;
    readonly name: string;
    readonly subject: readonly Subject[];
    readonly predicate: z.infer<(typeof KINDS)[kind]['schema']>;
  };
}[StatementKind];

/** Reads a statement as the kind that its name says; undefined when it is none of that kind. */
export function soundOf(name: string, { predicateType, predicate, subject }: Statement): Sound | undefined {
  const kind = kindOf(name);
  if (kind === undefined || KINDS[kind].predicateType !== predicateType) return undefined;
  const read = KINDS[kind].schema.safeParse(predicate).data;
  // The cast is true: the schema that read the predicate is the one of this kind.
  return read && ({ kind, name, subject, predicate: read } as Sound);
}

/** Those of one kind, in the order of their numbers. */
export function ofKind<Kind extends StatementKind>(
  sound: readonly Sound[],
  kind: Kind,
): Extract<Sound, { kind: Kind }>[] {
  const isOfKind = (each: Sound): each is Extract<Sound, { kind: Kind }> => each.kind === kind;
  return sound.filter(isOfKind).toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
