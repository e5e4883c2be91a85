import { ts } from 'ts-morph';
import { codeKey } from './equivalent.ts';
import type { Case } from './corpus.ts';

/** True when the text has no syntax error in the language of its path. */
export function isValid(text: string, path: string): boolean {
  if (!path.endsWith('.json')) return codeKey(text, path) !== undefined;
  return ts.parseConfigFileTextToJson('file.json', text).error === undefined;
}

/** Codes of names that stop resolving, and of names that are declared twice. */
const UNKNOWN = [2304, 2552, 2503];
const DOUBLE = [2300, 2451, 2393, 2440, 2395, 2528];

/** Names that the full type checker finds broken in a merge and in neither side; the merge itself looks names up otherwise. */
export function brokenNames(one: Case, text: string): readonly string[] {
  if (one.path.endsWith('.json')) return [];
  const found = findings(text, one.path);
  const ours = findings(one.ours, one.path);
  const theirs = findings(one.theirs, one.path);
  const before = (key: string): number => Math.max(ours.get(key) ?? 0, theirs.get(key) ?? 0);
  const isNew = ([key, count]: [string, number]): boolean => {
    const isDouble = DOUBLE.some((code) => key.startsWith(`${code} `));
    return isDouble ? count > before(key) : before(key) === 0;
  };
  return [...found].filter(isNew).map(([key]) => key);
}

function findings(text: string, path: string): Map<string, number> {
  const name = /\.tsx$/.test(path) ? '/x.tsx' : /\.[cm]?ts$/.test(path) ? '/x.ts' : '/x.jsx';
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true);
  const host: ts.CompilerHost = {
    getSourceFile: (asked) => (asked === name ? file : undefined),
    getDefaultLibFileName: () => '/lib.d.ts',
    writeFile: () => undefined,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (asked) => asked,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (asked) => asked === name,
    readFile: () => undefined,
  };
  const program = ts.createProgram(
    [name],
    { noLib: true, noResolve: true, allowJs: true, checkJs: true, jsx: 1, types: [] },
    host,
  );
  const counts = new Map<string, number>();
  for (const { code, start, length } of program.getSemanticDiagnostics(file)) {
    if (![...UNKNOWN, ...DOUBLE].includes(code) || start === undefined) continue;
    const key = `${code} ${text.slice(start, start + (length ?? 0)).slice(0, 60)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
