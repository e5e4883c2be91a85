import { codemod } from './codemod/recipe.ts';
import type { Recipe } from './recipe.ts';
import { renameApi } from './rename-api/recipe.ts';

/** All recipes by name. */
export const RECIPES: { readonly [name: string]: Recipe } = Object.freeze({
  'rename-api': renameApi,
  codemod,
});

export function findRecipe(name: string): Recipe | undefined {
  return Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
}
