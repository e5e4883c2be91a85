import { containsWord } from './mentions.ts';
import { fromCompiler } from './places.ts';
import type { Project } from './project.ts';

/** Files in which the compiler may say something else once the changes are made. */
export function affectedFiles(
  project: Project,
  { edited, names, isMember }: { edited: Iterable<string>; names: readonly string[]; isMember: boolean },
): ReadonlySet<string> {
  // Types with equal members are equal: a member that was missed can show in any file that sees the types at all.
  if (isMember) return withImporters(project, edited);
  const exporting = withStars(project, edited);
  const asObject = [...exporting].flatMap((path) =>
    project.importersOf(path).flatMap((importer) => (importer.form === 'object' ? [importer.path] : [])),
  );
  const mentioning = project
    .sources()
    .filter((source) => names.some((name) => containsWord(source.text, name)))
    .map((source) => fromCompiler(source.fileName));
  // Every identifier is proved to mean what it meant, so only the spelling of an export can matter: to who writes it in
  // any form, to who passes all names on, and to who takes the module as an object, whose type has changed.
  return new Set([...mentioning, ...exporting, ...withImporters(project, asObject)]);
}

/** The files given, and all that import one of them, directly or through others. */
function withImporters(project: Project, paths: Iterable<string>): ReadonlySet<string> {
  const reached = new Set(paths);
  // A set gives what is added while it is walked.
  for (const path of reached) for (const importer of project.importersOf(path)) reached.add(importer.path);
  return reached;
}

function withStars(project: Project, paths: Iterable<string>): ReadonlySet<string> {
  const reached = new Set(paths);
  for (const path of reached) {
    for (const importer of project.importersOf(path)) if (importer.form === 'star') reached.add(importer.path);
  }
  return reached;
}
