/** Three versions of one place. */
export interface Three<T> {
  readonly base: T;
  readonly ours: T;
  readonly theirs: T;
}

/** The same done to each version. */
export function each<T, U>(three: Three<T>, map: (value: T) => U): Three<U> {
  return { base: map(three.base), ours: map(three.ours), theirs: map(three.theirs) };
}
