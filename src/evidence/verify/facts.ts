import { KINDS, kindOf } from '../predicates/kinds.ts';
import { BASE } from '../predicates/provenance.ts';
import type { Statement } from '../statement.ts';

type Named = { readonly name: string; readonly statement: Statement };

/** The commits that a statement says the work started from: its own base, and the one that the branch moved from. */
export interface Bases {
  readonly made: string | undefined;
  readonly tested: string | undefined;
  readonly movedFrom: string | undefined;
}

/** Bases named by a provenance or landing; undefined for other kinds and for what cannot be read as one. */
export function basesOf({ name, statement }: Named): Bases | undefined {
  const kind = kindOf(name);
  if (kind === 'provenance') {
    const dependencies = KINDS[kind].schema.safeParse(statement.predicate).data?.buildDefinition.resolvedDependencies;
    const base = dependencies?.find((each) => each.name === BASE);
    return base && { made: base.digest['gitCommit'], tested: undefined, movedFrom: undefined };
  }
  if (kind === 'landing') {
    const landing = KINDS[kind].schema.safeParse(statement.predicate).data;
    return (
      landing && {
        made: landing.change.base,
        tested: landing.tested.base,
        movedFrom: landing.compareAndSwap.from,
      }
    );
  }
  return undefined;
}

/** Why the bases of one statement disagree with each other or with those of the others; undefined when they agree. */
export function wrongBase(own: Bases, others: readonly Bases[]): string | undefined {
  if (own.tested !== own.movedFrom) return `tested on ${own.tested}, but the branch moved from ${own.movedFrom}`;
  const other = others.find((each) => each.made !== own.made);
  return other && `made on ${own.made}, another statement says ${other.made}`;
}
