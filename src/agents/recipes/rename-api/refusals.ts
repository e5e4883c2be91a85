import type { Reason } from '#domain/reason.ts';
import type { RecipeReport } from '../recipe.ts';

const MOST_PLACES = 20;

function refuse(reason: Reason): RecipeReport {
  return { kind: 'failed', reasons: [reason] };
}

function list(places: readonly string[]): string {
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
  return places.slice(0, MOST_PLACES).join(', ') + more;
}

export function notFound(name: string, near: string): RecipeReport {
  return refuse({
    code: 'RENAME_NOT_FOUND',
    msg: `No file declares \`${name}\` at its top level`,
    field: 'task.work.params.from',
    fix: near || 'Give the name of a declaration; names inside functions are not part of an API',
  });
}

export function notInFile(name: string, file: string, places: readonly string[]): RecipeReport {
  return refuse({
    code: 'RENAME_NOT_FOUND',
    msg: `${file} does not declare \`${name}\``,
    field: 'task.work.params.file',
    fix: `It is declared at ${list(places)}`,
  });
}

export function notOurs(name: string, origin: string): RecipeReport {
  return refuse({
    code: 'RENAME_NOT_OURS',
    msg: `\`${name}\` is declared by ${origin}, not by this repository`,
    field: 'task.work.params.from',
    fix: 'Rename only what the repository itself declares',
  });
}

export function ambiguous(name: string, places: readonly string[]): RecipeReport {
  return refuse({
    code: 'RENAME_AMBIGUOUS',
    msg: `Several declarations are called \`${name}\`: ${list(places)}`,
    field: 'task.work.params.file',
    fix: `Say which one, for example \`--param file=${places[0]?.replace(/:\d+$/, '') ?? ''}\``,
  });
}

export function collision(name: string, places: readonly string[]): RecipeReport {
  return refuse({
    code: 'RENAME_COLLISION',
    msg: `\`${name}\` would mean something else, or be caught by another declaration, at ${list(places)}`,
    field: 'task.work.params.to',
    fix: 'Choose a name that is free at these places, or rename what stands there first',
  });
}

export function newFaults(came: readonly string[], went: readonly string[]): RecipeReport {
  const parts = [
    ...(came.length === 0 ? [] : [`new: ${list(came)}`]),
    ...(went.length === 0 ? [] : [`gone: ${list(went)}`]),
  ];
  return refuse({
    code: 'RENAME_CHANGES_DIAGNOSTICS',
    msg: `The compiler would say something else than before (${parts.join('; ')})`,
    field: 'task.work.params.from',
    fix: 'Change these places by hand first (most often they use the name through a string or an untyped value), then rename',
  });
}
