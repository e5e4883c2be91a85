import type { Reason } from '#domain/reason.ts';
import type { Recipe, RecipeParams } from '../recipe.ts';
import { DEFAULT_LANGUAGE, LANGUAGES } from './languages.ts';
import { partsOf, variablesOf } from './template.ts';

export const codemod: Recipe = {
  name: 'codemod',
  text: 'Rewrites every piece of code of one shape into another; what is not part of the shape stays to the byte.',
  params: [
    {
      name: 'pattern',
      text: 'the shape as code, with `$NAME` for any one expression and `$$$NAME` for any number of them (ast-grep)',
      required: true,
      example: 'assert.equal($A, $B)',
      problem: (value) =>
        partsOf(value).some((part) => typeof part === 'string' && part.trim() !== '')
          ? undefined
          : 'has no code in it, so it would match everything',
    },
    {
      name: 'rewrite',
      text: 'the code to put there, with the variables of the pattern; empty to delete',
      required: true,
      example: 'assert.strictEqual($A, $B)',
    },
    {
      name: 'language',
      text: `one of ${Object.keys(LANGUAGES).join(', ')}; ${DEFAULT_LANGUAGE} unless given`,
      required: false,
      example: 'javascript',
      problem: (value) =>
        Object.hasOwn(LANGUAGES, value) ? undefined : `is not one of ${Object.keys(LANGUAGES).join(', ')}`,
    },
    {
      name: 'glob',
      text: 'which files to look at; all of the language unless given',
      required: false,
      example: 'src/**/*.ts',
    },
  ],
  problems: unknownVariables,
  load: async () => (await import('./run.ts')).run,
};

function unknownVariables(params: RecipeParams): readonly Reason[] {
  const known = variablesOf(params['pattern'] ?? '');
  const isKnown = (name: string, many: boolean): boolean =>
    known.some((each) => each.name === name && each.many === many);
  const unknown = variablesOf(params['rewrite'] ?? '').filter(({ name, many }) => !isKnown(name, many));
  return unknown.map(({ name, many }) => ({
    code: 'RECIPE_PARAM_INVALID',
    msg: `The rewrite uses ${many ? '$$$' : '$'}${name}, which the pattern does not have`,
    field: 'task.work.params.rewrite',
    fix: 'Use only variables of the pattern, written with as many dollar signs as there',
  }));
}
