import { describe, expect, it } from 'vitest';
import { type Act, repetition } from './repetition.ts';

const acts = (text: string): readonly Act[] => [...text].map((letter) => ({ call: letter, result: letter }));

describe('an agent that goes in circles', () => {
  it.each([
    ['ab', 'none'],
    ['aa', 'none'],
    ['aaa', 'warn'],
    ['xaaaaa', 'stop'],
    ['ababab', 'warn'],
    ['xyabababab', 'warn'],
    ['ababababab', 'stop'],
    ['abcdabcdabcd', 'warn'],
    ['abcdeabcdeabcdeabcdeabcde', 'none'],
  ])('%s: %s', (text, found) => {
    expect(repetition(acts(text))).toBe(found);
  });

  it('is not one that gets other results', () => {
    expect(repetition([1, 2, 3, 4, 5, 6].map((n) => ({ call: 'test', result: String(n) })))).toBe('none');
  });
});
