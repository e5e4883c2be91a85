import { codemod } from './codemod/recipe.ts';
import { plugin } from './plugin/recipe.ts';
import type { Recipe } from './recipe.ts';
import { renameApi } from './rename-api/recipe.ts';

/** All recipes by name. */
export const RECIPES: { readonly [name: string]: Recipe } = Object.freeze({
  'rename-api': renameApi,
  codemod,
  plugin,
});

export function findRecipe(name: string): Recipe | undefined {
  return Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
}
