import type { Reason } from '#domain/reason.ts';
import type { Json } from '#kernel/json.ts';
import type { Files } from '../ports.ts';

export type RecipeParams = { readonly [name: string]: string };

/** One parameter, declared so that checks, help and pages come from one source. */
export interface RecipeParam {
  readonly name: string;
  readonly text: string;
  readonly required: boolean;
  readonly example: string;
  /** What is wrong with a value, as the end of the sentence "`from` ...". */
  problem?(value: string): string | undefined;
}

/** What a recipe says of its work. It comes out of the sandbox, so the host checks it and believes git instead. */
export type RecipeReport =
  | {
      readonly kind: 'change';
      readonly summary: string;
      /** Paths that were rewritten. */
      readonly files: readonly string[];
      /** How many places were rewritten in them. */
      readonly places: number;
      /** What a reviewer should look at; empty when nothing was left. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'no_change'; readonly summary: string }
  | { readonly kind: 'failed'; readonly reasons: readonly Reason[] };

/** Reads the workspace and either writes the whole edit or nothing. */
type RecipeProgram = (files: Files, params: RecipeParams) => RecipeReport;

/** A deterministic way of changing code that needs no model. A family: one folder, one line in `map.ts`, the conformance suite. */
export type Recipe = SandboxRecipe | PluginRecipe;

interface RecipeBase {
  readonly name: string;
  readonly text: string;
  readonly params: readonly RecipeParam[];
  /** Problems that only show when parameters are seen together; each alone is fine already. */
  problems?(params: RecipeParams): readonly Reason[];
}

/** A program of Maestro's own, run in the sandbox. */
interface SandboxRecipe extends RecipeBase {
  /** The program with its compilers; loaded in the sandbox only. */
  load(): Promise<RecipeProgram>;
}

/** A plugin of the tenant, run behind the walls of the plugin host. */
export interface PluginRecipe extends RecipeBase {
  call(params: RecipeParams): { readonly id: string; readonly input: Json };
}
