import type { Files } from '../ports.ts';
import { findRecipe } from './map.ts';
import type { RecipeParams, RecipeReport } from './recipe.ts';
import { requestProblems } from './request-problems.ts';

/** Does one recipe that runs in the sandbox on the files; what is wrong with the request is a report too. */
export async function runRecipe(files: Files, name: string, params: RecipeParams): Promise<RecipeReport> {
  const reasons = requestProblems(name, params);
  const recipe = findRecipe(name);
  if (recipe === undefined || !('load' in recipe) || reasons.length > 0) return { kind: 'failed', reasons };
  const program = await recipe.load();
  return program(files, params);
}
