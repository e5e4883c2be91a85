import type { Reason } from '#domain/reason.ts';
import type { Recipe, RecipeParams } from '../recipe.ts';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

// Words that cannot name a declaration in a module (ECMAScript 2024, section 12.7.2, strict mode; TypeScript's own types).
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof undefined var void while with yield ' +
    'any bigint boolean never number object string symbol unknown'
  ).split(' '),
);

export const renameApi: Recipe = {
  name: 'rename-api',
  text: 'Renames a function, variable, class, type or member everywhere it is used, by meaning and never by its letters.',
  params: [
    {
      name: 'from',
      text: 'the name as it is now: `name`, or `Owner.member` for a member of a class, interface, enum or object',
      required: true,
      example: 'fetchUser',
      problem: (value) =>
        value.split('.').length <= 2 && value.split('.').every((part) => IDENTIFIER.test(part))
          ? undefined
          : 'is not a name or `Owner.member`',
    },
    {
      name: 'to',
      text: 'the new name, of the member alone where `from` names one',
      required: true,
      example: 'loadUser',
      problem: (value) => {
        if (!IDENTIFIER.test(value)) return 'is not a name';
        return RESERVED.has(value) ? 'is a reserved word' : undefined;
      },
    },
    {
      name: 'file',
      text: 'where it is declared, needed only when several files declare that name',
      required: false,
      example: 'src/users.ts',
      problem: (value) =>
        value.startsWith('/') || value.split('/').includes('..') ? 'is not a path inside the repository' : undefined,
    },
  ],
  problems: sameName,
  load: async () => (await import('./run.ts')).run,
};

function sameName(params: RecipeParams): readonly Reason[] {
  if (params['from']?.split('.').at(-1) !== params['to']) return [];
  return [
    {
      code: 'RECIPE_PARAM_INVALID',
      msg: 'The new name is the old one',
      field: 'task.work.params.to',
      fix: 'Give a name that differs',
    },
  ];
}
