export { type RecipeCommand, recipeRunner } from './recipe-runner.ts';
export { findRecipe, RECIPES } from './recipes/map.ts';
export type { Recipe, RecipeParam, RecipeParams, RecipeReport } from './recipes/recipe.ts';
export { printReport } from './recipes/report-schema.ts';
export { requestProblems } from './recipes/request-problems.ts';
export { runRecipe } from './recipes/run-recipe.ts';
export type { RunContext, Runner, RunOutcome, StepWork } from './runner.ts';
export type { Checkpoint, Environments, PluginHost, PluginResult, PluginTool, Workspace, Workspaces } from './ports.ts';
