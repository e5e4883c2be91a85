import { buildCommand } from '@stricli/core';
import { recipeList } from '#agents/index.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';

export const recipesCommand = buildCommand<CommonFlags, [], Shell>({
  docs: docs('List the recipes with their parameters', 'maestro recipes'),
  parameters: { flags: COMMON_FLAGS },
  func: command(({ io }: Call, _flags: CommonFlags) => {
    const recipes = recipeList();
    tell(io, recipes, () =>
      recipes
        .map(({ name, text, params }) => {
          const rows = params.map(
            (param) =>
              `  --param ${param.name}=${param.example}${param.required ? '' : '  (optional)'}\n      ${param.text}`,
          );
          return `${name}: ${text}\n${rows.join('\n')}`;
        })
        .join('\n\n'),
    );
    return Promise.resolve(EXIT.done);
  }),
});
