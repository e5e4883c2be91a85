import { nearest } from '#kernel/nearest.ts';

/** `Did you mean "rename-api"?`, or nothing where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, [...candidates]);
  return near === undefined ? '' : `Did you mean "${near}"?`;
}
