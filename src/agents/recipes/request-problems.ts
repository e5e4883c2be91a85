import type { Reason } from '#domain/reason.ts';
import { didYouMean } from '../did-you-mean.ts';
import { findRecipe, RECIPES } from './map.ts';
import type { Recipe, RecipeParams } from './recipe.ts';

/** Everything wrong with a request that can be known without looking at the repository. */
export function requestProblems(name: string, params: RecipeParams): readonly Reason[] {
  const recipe = findRecipe(name);
  if (recipe === undefined) return [unknownRecipe(name)];
  const problems = [
    ...unknownParams(recipe, params),
    ...missingParams(recipe, params),
    ...invalidParams(recipe, params),
  ];
  return problems.length > 0 ? problems : (recipe.problems?.(params) ?? []);
}

function unknownRecipe(name: string): Reason {
  const names = Object.keys(RECIPES);
  return {
    code: 'RECIPE_UNKNOWN',
    msg: `There is no recipe "${name}"`,
    field: 'task.work.name',
    fix: didYouMean(name, names) || `Choose one of ${names.join(', ')}`,
  };
}

function unknownParams(recipe: Recipe, params: RecipeParams): readonly Reason[] {
  const known = recipe.params.map((param) => param.name);
  const unknown = Object.keys(params).filter((name) => !known.includes(name));
  return unknown.map((name) => ({
    code: 'RECIPE_PARAM_UNKNOWN',
    msg: `The recipe ${recipe.name} has no parameter "${name}"`,
    field: `task.work.params.${name}`,
    fix: didYouMean(name, known) || `Its parameters are ${known.join(', ')}`,
  }));
}

function missingParams(recipe: Recipe, params: RecipeParams): readonly Reason[] {
  const missing = recipe.params.filter((param) => param.required && !Object.hasOwn(params, param.name));
  return missing.map((param) => ({
    code: 'RECIPE_PARAM_MISSING',
    msg: `The recipe ${recipe.name} needs the parameter "${param.name}": ${param.text}`,
    field: `task.work.params.${param.name}`,
    fix: `Add \`--param ${param.name}=${param.example}\` with your own value`,
  }));
}

function invalidParams(recipe: Recipe, params: RecipeParams): readonly Reason[] {
  return recipe.params.flatMap((param) => {
    const value = Object.hasOwn(params, param.name) ? params[param.name] : undefined;
    const problem = value === undefined ? undefined : param.problem?.(value);
    if (problem === undefined) return [];
    return [
      {
        code: 'RECIPE_PARAM_INVALID',
        msg: `The parameter "${param.name}" ${problem}`,
        field: `task.work.params.${param.name}`,
        fix: `Give a value like \`${param.example}\``,
      },
    ];
  });
}
