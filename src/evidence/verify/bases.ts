import { BASE } from '../predicates/provenance.ts';
import type { Sound } from './sound.ts';

/** The commits that a statement says the work started from: its own base, and the one that the branch moved from. */
export interface Bases {
  readonly made: string | undefined;
  readonly tested: string | undefined;
  readonly movedFrom: string | undefined;
}

/** Bases named by a provenance or landing; undefined for other kinds. */
export function basesOf(sound: Sound): Bases | undefined {
  if (sound.kind === 'provenance') {
    const base = sound.predicate.buildDefinition.resolvedDependencies.find((each) => each.name === BASE);
    return { made: base?.digest['gitCommit'], tested: undefined, movedFrom: undefined };
  }
  if (sound.kind === 'landing') {
    const { change, tested, compareAndSwap } = sound.predicate;
    return { made: change.base, tested: tested.base, movedFrom: compareAndSwap.from };
  }
  return undefined;
}

/** Why the bases of one statement disagree with each other or with those of the others; undefined when they agree. */
export function wrongBase(own: Bases, others: readonly Bases[]): string | undefined {
  if (own.tested !== own.movedFrom) return `tested on ${own.tested}, but the branch moved from ${own.movedFrom}`;
  const other = others.find((each) => each.made !== own.made);
  return other && `made on ${own.made}, another statement says ${other.made}`;
}
