import { RECIPES } from './map.ts';

/** A recipe for programs. */
export type RecipeDocument = {
  readonly name: string;
  readonly text: string;
  readonly params: readonly {
    readonly name: string;
    readonly text: string;
    readonly required: boolean;
    readonly example: string;
  }[];
};

/** Every recipe with its parameters. */
export function recipeList(): readonly RecipeDocument[] {
  return Object.values(RECIPES).map(({ name, text, params }) => ({
    name,
    text,
    params: params.map((param) => ({
      name: param.name,
      text: param.text,
      required: param.required,
      example: param.example,
    })),
  }));
}
