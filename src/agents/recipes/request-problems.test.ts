import { describe, expect, it } from 'vitest';
import { requestProblems } from './request-problems.ts';

const problem = (name: string, params: { readonly [name: string]: string }): string =>
  requestProblems(name, params)
    .map(({ code, field, fix }) => `${code} ${field} ${fix}`)
    .join('; ');

describe('a request for a recipe', () => {
  it('is fine when all is there', () => {
    expect(problem('rename-api', { from: 'A.b', to: 'c' })).toBe('');
    expect(problem('codemod', { pattern: 'f($$$A)', rewrite: '' })).toBe('');
  });

  it.each([
    ['renmae-api', {}, 'RECIPE_UNKNOWN task.work.name Did you mean "rename-api"?'],
    ['__proto__', {}, 'RECIPE_UNKNOWN task.work.name Choose one of rename-api, codemod'],
    ['rename-api', { from: 'a', too: 'b', to: 'b' }, 'RECIPE_PARAM_UNKNOWN task.work.params.too Did you mean "to"?'],
    [
      'rename-api',
      { from: 'a' },
      'RECIPE_PARAM_MISSING task.work.params.to Add `--param to=loadUser` with your own value',
    ],
    ['rename-api', { from: 'a b', to: 'c' }, 'RECIPE_PARAM_INVALID task.work.params.from'],
    ['rename-api', { from: 'a.b.c', to: 'd' }, 'RECIPE_PARAM_INVALID task.work.params.from'],
    ['rename-api', { from: 'a', to: 'class' }, 'RECIPE_PARAM_INVALID task.work.params.to'],
    ['rename-api', { from: 'a', to: 'B.c' }, 'RECIPE_PARAM_INVALID task.work.params.to'],
    ['rename-api', { from: 'a', to: 'a' }, 'RECIPE_PARAM_INVALID task.work.params.to'],
    ['rename-api', { from: 'a', to: 'b', file: '../x.ts' }, 'RECIPE_PARAM_INVALID task.work.params.file'],
    ['codemod', { pattern: '$A', rewrite: '1' }, 'RECIPE_PARAM_INVALID task.work.params.pattern'],
    ['codemod', { pattern: 'f($A)', rewrite: 'g($B)' }, 'RECIPE_PARAM_INVALID task.work.params.rewrite'],
    ['codemod', { pattern: 'f($$$A)', rewrite: 'g($A)' }, 'RECIPE_PARAM_INVALID task.work.params.rewrite'],
    ['codemod', { pattern: 'f', rewrite: 'g', language: 'cobol' }, 'RECIPE_PARAM_INVALID task.work.params.language'],
  ] as const)('%s with %o is refused', (name, params, expected) => {
    expect(problem(name, params)).toContain(expected);
  });
});
