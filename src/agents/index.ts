export { acpRunner } from './acp/runner.ts';
export { commandRunner } from './command/runner.ts';
export { type RecipeCommand, recipeRunner } from './recipe-runner.ts';
export { findRecipe, RECIPES } from './recipes/map.ts';
export type { Recipe, RecipeParam, RecipeParams, RecipeReport } from './recipes/recipe.ts';
export { type RecipeDocument, recipeList } from './recipes/recipe-list.ts';
export { printReport } from './recipes/report-schema.ts';
export { requestProblems } from './recipes/request-problems.ts';
export { runRecipe } from './recipes/run-recipe.ts';
export { nativeRunner } from './native/runner.ts';
export type { Forwarder } from './programs/inside.ts';
export type { FoundProgram } from './programs/program.ts';
export type { RunContext, RunModels, Runner, RunOutcome, StepState, StepWork } from './runner.ts';
export type {
  Chat,
  ChatAnswer,
  ChatRequest,
  Checkpoint,
  Environments,
  ModelAccess,
  ModelDoor,
  ModelPlace,
  ModelRequest,
  ModelUse,
  Plans,
  PluginHost,
  PluginResult,
  PluginTool,
  Workspace,
  WorkspaceFiles,
  Workspaces,
} from './ports.ts';
