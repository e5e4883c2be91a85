import { ts } from '@ts-morph/common';
import type { Change } from './changes.ts';
import { movesOf } from './bindings.ts';
import { toCompiler } from './places.ts';
import type { Project } from './project.ts';

/** One complaint of the compiler. */
export interface Diagnostic {
  readonly path: string;
  readonly start: number;
  readonly code: number;
  /** `src/a.ts:3: Cannot find name 'x'. (TS2304)` */
  readonly text: string;
}

// The same fault with and without "Did you mean": which of the two is said depends on the names around.
const SAME_FAULT: { readonly [code: number]: number } = {
  2551: 2339,
  2552: 2304,
  2561: 2353,
  2568: 2339,
  2570: 2304,
  2724: 2305,
  2833: 2304,
  2839: 2304,
};

/** What the compiler says of these files: syntax and types. */
export function readDiagnostics(project: Project, paths: Iterable<string>): readonly Diagnostic[] {
  const program = project.program();
  return [...paths].flatMap((path) => {
    const source = program.getSourceFile(toCompiler(path));
    if (source === undefined) return [];
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((each) => diagnosticOf(path, source, each));
  });
}

function diagnosticOf(path: string, source: ts.SourceFile, found: ts.Diagnostic): Diagnostic {
  const start = found.start ?? 0;
  const line = source.getLineAndCharacterOfPosition(start).line + 1;
  const words = ts.flattenDiagnosticMessageText(found.messageText, ' ').slice(0, 300);
  return {
    path,
    start,
    code: SAME_FAULT[found.code] ?? found.code,
    text: `${path}:${line}: ${words} (TS${found.code})`,
  };
}

/** Complaints that came, and that went, when places moved as the changes moved them. */
export function differences(
  before: readonly Diagnostic[],
  after: readonly Diagnostic[],
  changes: readonly Change[],
): { readonly came: readonly string[]; readonly went: readonly string[] } {
  const moved = movesOf(changes);
  const left = Map.groupBy(before, (each) => keyOf(each.path, moved(each.path, each.start), each.code));
  const came = after.filter((each) => left.get(keyOf(each.path, each.start, each.code))?.pop() === undefined);
  return { came: came.map((each) => each.text), went: [...left.values()].flat().map((each) => each.text) };
}

function keyOf(path: string, start: number, code: number): string {
  return `${path}:${start}:${code}`;
}
