import { describe, expect, it } from 'vitest';
import { tellingLines } from './telling-lines.ts';

describe('the lines that tell why tests failed', () => {
  it.each([
    [
      'a failure of jest',
      'PASS a.test.ts\n  ● adds › numbers\n\n    TypeError: x is not\n\nTime: 3 s',
      '● adds › numbers | TypeError: x is not',
    ],
    ['a failure of TAP', 'ok 1 - a\nnot ok 2 - b\n# fail 1', 'not ok 2 - b'],
    ['the last lines when nothing tells', 'one\ntwo\n\nthree\nfour\n', 'two | three | four'],
    ['without times, which differ each time', '✖ rounds half up (0.764082ms)\nℹ fail 1', '✖ rounds half up'],
    ['nothing of nothing', '', ''],
  ])('are %s', (_, output, expected) => {
    expect(tellingLines(output)).toBe(expected);
  });
});
