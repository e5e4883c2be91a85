import type { Files } from '../../ports.ts';
import { counted } from '../counted.ts';
import type { RecipeParams, RecipeReport } from '../recipe.ts';
import { writeText } from '../source-text.ts';
import { splice } from '../splice.ts';
import { affectedFiles } from './affected.ts';
import { changedBindings, readBindings } from './bindings.ts';
import type { Change } from './changes.ts';
import { choose, readRequest, type Request } from './choose.ts';
import { differences, readDiagnostics } from './diagnostics.ts';
import { mentionsOf } from './mentions.ts';
import { toCompiler } from './places.ts';
import { openProject, type Project } from './project.ts';
import { collision, newFaults } from './refusals.ts';

/** Renames by meaning, proves that nothing else changed its meaning, and only then writes. */
export function run(files: Files, params: RecipeParams): RecipeReport {
  const request = readRequest(params);
  const project = openProject(files);
  const chosen = choose(project, request);
  if (chosen.kind === 'answer') return chosen.report;

  const { changes } = chosen;
  const paths = [...new Set(changes.map((change) => change.path))].toSorted();
  const refusal = applyAndProve(project, changes, request);
  if (refusal !== undefined) return refusal;
  for (const path of paths) writeText(files, path, project.text(path));
  return {
    kind: 'change',
    summary: `Renamed ${params['from']} to ${request.to} in ${counted(changes.length, 'place')} of ${counted(paths.length, 'file')}`,
    files: paths,
    places: changes.length,
    warnings: warningsOf(files, project, request),
  };
}

/** Makes the changes in memory and compares what every name means, and what the compiler says, before and after. */
function applyAndProve(
  project: Project,
  changes: readonly Change[],
  { owner, from, to }: Request,
): RecipeReport | undefined {
  const byPath = Map.groupBy(changes, (change) => change.path);
  const affected = affectedFiles(project, { edited: byPath.keys(), names: [from, to], isMember: owner !== undefined });
  const bindings = readBindings(project, [from, to]);
  const diagnostics = readDiagnostics(project, affected);

  for (const [path, edits] of byPath) project.replace(path, splice(project.text(path), edits));

  const caught = changedBindings(bindings, readBindings(project, [from, to]), changes);
  if (caught.length > 0)
    return collision(
      to,
      caught.map((place) => withLine(project, place)),
    );
  const { came, went } = differences(diagnostics, readDiagnostics(project, affected), changes);
  return came.length + went.length > 0 ? newFaults(came, went) : undefined;
}

/** `path:offset` as `path:line`. */
function withLine(project: Project, place: string): string {
  const at = place.lastIndexOf(':');
  const source = project.program().getSourceFile(toCompiler(place.slice(0, at)));
  const line = source?.getLineAndCharacterOfPosition(Number(place.slice(at + 1))).line ?? 0;
  return `${place.slice(0, at)}:${line + 1}`;
}

function warningsOf(files: Files, project: Project, { owner, from }: Request): readonly string[] {
  // The name of a member is often an everyday word; mentions of it say nothing.
  const left = owner === undefined ? mentionsOf(files, project, from) : [];
  if (left.length === 0) return [];
  const shown = left.slice(0, 10).join(', ') + (left.length > 10 ? ', …' : '');
  return [
    `"${from}" still stands in ${counted(left.length, 'line')} (comments, strings, other things of that name): ${shown}`,
  ];
}
