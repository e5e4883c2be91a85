import { posix } from 'node:path';
import { ts } from '@ts-morph/common';
import { didYouMean } from '../../did-you-mean.ts';
import type { RecipeParams, RecipeReport } from '../recipe.ts';
import { type Change, changesOf, memberChanges } from './changes.ts';
import { identifiersIn } from './identifiers.ts';
import { memberNames, membersOf } from './members.ts';
import type { Project } from './project.ts';
import { ambiguous, notFound, notInFile, notOurs } from './refusals.ts';
import { allNames, findTargets, placesOf, type Target } from './targets.ts';

/** `from` and `to` as bare names; `owner` is set where `from` names a member. */
export interface Request {
  readonly owner: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly file: string | undefined;
}

export type Choice =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'answer'; readonly report: RecipeReport };

export function readRequest(params: RecipeParams): Request {
  const parts = (params['from'] ?? '').split('.');
  const file = params['file'] === undefined ? undefined : posix.normalize(params['file']);
  return { owner: parts.at(-2), from: parts.at(-1) ?? '', to: params['to'] ?? '', file };
}

/** The places to rewrite, or why there are none. */
export function choose(project: Project, request: Request): Choice {
  const { owner, from, to } = request;
  const chosen = oneTarget(project, request, owner ?? from);
  if (chosen.kind === 'answer') return chosen;
  if (chosen.kind === 'one') {
    if (owner === undefined) return { kind: 'changes', changes: changesOf(project, chosen.target, from, to) };
    return chooseMember(project, chosen.target, request);
  }
  if (owner === undefined && targetsIn(project, to, request.file).length > 0) return already(from, to);
  const elsewhere = findTargets(project, owner ?? from).filter((target) => target.ours);
  if (elsewhere.length > 0) return answer(notInFile(owner ?? from, request.file ?? '', elsewhere.flatMap(placesOf)));
  const origin = importedFrom(project, owner ?? from);
  if (origin !== undefined) return answer(notOurs(owner ?? from, `the package "${origin}"`));
  return answer(notFound(owner ?? from, didYouMean(owner ?? from, allNames(project))));
}

type OneTarget =
  | { readonly kind: 'one'; readonly target: Target }
  | { readonly kind: 'none' }
  | Extract<Choice, { kind: 'answer' }>;

function oneTarget(project: Project, { file }: Request, name: string): OneTarget {
  const targets = targetsIn(project, name, file);
  const ours = targets.filter((target) => target.ours);
  const [only] = ours;
  if (ours.length > 1) return answer(ambiguous(name, ours.flatMap(placesOf)));
  if (only !== undefined) return { kind: 'one', target: only };
  return targets.length > 0 ? answer(notOurs(name, 'a library')) : { kind: 'none' };
}

function targetsIn(project: Project, name: string, file: string | undefined): readonly Target[] {
  const targets = findTargets(project, name);
  return file === undefined ? targets : targets.filter((target) => target.files.has(file));
}

function chooseMember(project: Project, owner: Target, request: Request): Choice {
  const whole = `${request.owner}.${request.from}`;
  const names = membersOf(owner, request.from);
  if (names.length > 0) {
    const changes = memberChanges(project, names, request.to);
    return changes === 'not ours' ? answer(notOurs(whole, 'a library')) : { kind: 'changes', changes };
  }
  if (membersOf(owner, request.to).length > 0) return already(whole, request.to);
  return answer(notFound(whole, didYouMean(request.from, memberNames(owner))));
}

function already(from: string, to: string): Choice {
  return answer({
    kind: 'no_change',
    summary: `Nothing is called ${from} any more, and ${to} is there: it is renamed already`,
  });
}

function answer(report: RecipeReport): Extract<Choice, { kind: 'answer' }> {
  return { kind: 'answer', report };
}

/** The module that a file of the repository imports this name from. */
function importedFrom(project: Project, name: string): string | undefined {
  for (const source of project.sources()) {
    for (const { parent } of identifiersIn(source, [name])) {
      const clause = ts.isImportSpecifier(parent) ? parent.parent.parent.parent : parent.parent;
      if (ts.isImportDeclaration(clause) && ts.isStringLiteral(clause.moduleSpecifier))
        return clause.moduleSpecifier.text;
    }
  }
  return undefined;
}
