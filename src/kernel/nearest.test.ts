import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from './nearest.ts';

describe('the nearest words', () => {
  const words = ['fetchUser', 'fetchUsers', 'createUser', 'rename-api', 'codemod'];

  it.each([
    ['fechUser', ['fetchUser', 'fetchUsers']],
    ['renmae-api', ['rename-api']],
    ['FETCHUSER', ['fetchUser', 'fetchUsers']],
    ['something', []],
  ])('to %s are %s', (word, expected) => {
    expect(nearest(word, words)).toEqual(expected);
  });

  it('never hold the word itself', () => {
    expect(nearest('codemod', words)).toEqual([]);
  });

  it('make a question, or none', () => {
    expect(didYouMean('codemot', words)).toBe('Did you mean "codemod"?');
    expect(didYouMean('xyz', words)).toBe('');
  });
});
