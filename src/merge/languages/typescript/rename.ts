import { ts } from 'ts-morph';
import type { Three } from '../../tree/three.ts';
import { diffRuns } from '../../text/diff.ts';
import { wordsOf as codeWords } from '../../text/words.ts';
import { Interner } from '../../tree/node.ts';
import { each } from '../../tree/three.ts';

/** A name that one side replaced everywhere. */
interface Rename {
  readonly from: string;
  readonly to: string;
  readonly side: ts.SourceFile;
}

/**
 * Where one side renamed a declaration and the other used the old name, the texts with that rename applied to base and to
 * the other side, by the language service; undefined when nobody renamed anything.
 */
export function withRenames(places: string, files: Three<ts.SourceFile>): Three<string> | undefined {
  if (!mayRename(places, files)) return undefined;
  const tokens = each(files, (file) => codeWords(file.text));
  const [mine, yours] = [new Set(tokens.ours), new Set(tokens.theirs)];
  const byOurs = renamesIn(tokens.base, tokens.ours, files.ours).filter(
    ({ from, to }) => yours.has(from) && !yours.has(to),
  );
  const byTheirs = renamesIn(tokens.base, tokens.theirs, files.theirs).filter(
    ({ from, to }) => mine.has(from) && !mine.has(to),
  );
  if (byOurs.length + byTheirs.length === 0) return undefined;
  const base = renameAll(files.base, [...byOurs, ...byTheirs]);
  const ours = renameAll(files.ours, byTheirs);
  const theirs = renameAll(files.theirs, byOurs);
  return base !== undefined && ours !== undefined && theirs !== undefined ? { base, ours, theirs } : undefined;
}

/** A cheap first look: a word of the unsettled places is gone from one side and stands in the other. */
function mayRename(places: string, { base, ours, theirs }: Three<ts.SourceFile>): boolean {
  const [before, mine, yours] = [wordsOf(base.text), wordsOf(ours.text), wordsOf(theirs.text)];
  return [...wordsOf(places)].some((word) => before.has(word) && mine.has(word) !== yours.has(word));
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
}

function isName(token: string): boolean {
  return /^#?[\p{L}_$]/u.test(token);
}

/** Names of the base that are gone from the side and always stand where the same new name stands now. */
function renamesIn(base: readonly string[], side: readonly string[], file: ts.SourceFile): readonly Rename[] {
  const interner = new Interner();
  const votes = new Map<string, Set<string>>();
  const ids = (tokens: readonly string[]): number[] => tokens.map((token) => interner.id(token));
  let l = 0;
  let r = 0;
  for (const run of [...diffRuns(ids(base), ids(side)), { left: base.length, right: side.length, length: 0 }]) {
    const gap = run.left - l;
    if (gap === run.right - r && gap <= 8) for (let k = 0; k < gap; k++) vote(base[l + k]!, side[r + k]!, votes);
    l = run.left + run.length;
    r = run.right + run.length;
  }
  const inBase = new Set(base);
  const inSide = new Set(side);
  return [...votes].flatMap(([from, to]) => {
    const only = [...to][0]!;
    return to.size === 1 && !inSide.has(from) && !inBase.has(only) ? [{ from, to: only, side: file }] : [];
  });
}

function vote(before: string, after: string, votes: Map<string, Set<string>>): void {
  if (isName(before) && isName(after)) votes.set(before, (votes.get(before) ?? new Set()).add(after));
}

/** Applies the renames to one text; undefined when a name is declared in several scopes, so that a rename could hit the wrong one. */
function renameAll(file: ts.SourceFile, renames: readonly Rename[]): string | undefined {
  const known = renames
    .map((rename) => ({ ...rename, ...placesOf(file, rename) }))
    .filter(({ places }) => places.length > 0);
  if (known.length === 0) return file.text;
  // One program for all of them: making it costs more than all else.
  const service = serviceFor(file);
  const edits: Edit[] = [];
  for (const rename of known) {
    const found = editsOf(service, file.fileName, rename);
    if (found === undefined) return undefined;
    edits.push(...found);
  }
  edits.sort((a, b) => b.start - a.start);
  if (edits.some(({ start }, i) => start === edits[i + 1]?.start)) return undefined;
  return edits.reduce(
    (renamed, { start, end, text: name }) => renamed.slice(0, start) + name + renamed.slice(end),
    file.text,
  );
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a text says what a name stands for. */
interface Places {
  readonly places: readonly number[];
  /** The one of them that is an import. */
  readonly imported?: number;
}

function placesOf(file: ts.SourceFile, { from, to, side }: Rename): Places {
  const declared = declarationsOf(file, from);
  const imported = declared.length === 0 ? importOf(file, from) : undefined;
  // What another module declares was renamed there, or is called otherwise here, if the side imports it so from that module.
  const isImported = imported && importOf(side, to)?.from === imported.from;
  return isImported ? { places: [imported.at], imported: imported.at } : { places: declared };
}

function editsOf(
  service: ts.LanguageService,
  fileName: string,
  { to, places, imported }: Rename & Places,
): readonly Edit[] | undefined {
  const locations =
    service.findRenameLocations(fileName, places[0]!, false, false, { providePrefixAndSuffixTextForRename: true }) ??
    [];
  const hit = new Set(locations.map((location) => location.textSpan.start));
  if (places.some((place) => !hit.has(place))) return undefined;
  return locations.map(({ textSpan: { start, length }, prefixText, suffixText }) => {
    const prefix = start === imported ? '' : (prefixText ?? '');
    return { start, end: start + length, text: prefix + to + (suffixText ?? '') };
  });
}

/** Where a name is imported; `from` tells the module, and the name there where it is another one. */
function importOf(file: ts.SourceFile, name: string): { readonly at: number; readonly from: string } | undefined {
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    const found =
      bindings && ts.isNamedImports(bindings) ? bindings.elements.find((one) => one.name.text === name) : undefined;
    if (!found) continue;
    return {
      at: found.name.getStart(file),
      from: `${statement.moduleSpecifier.text} ${found.propertyName?.text ?? ''}`,
    };
  }
  return undefined;
}

/** Positions where the name is declared; an import's name is declared elsewhere, so it has none. */
function declarationsOf(file: ts.SourceFile, name: string): readonly number[] {
  const found: number[] = [];
  let parent: ts.Node = file;
  const walk = (node: ts.Node): void => {
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && node.text === name && declares(parent, node))
      found.push(node.getStart(file));
    const outer = parent;
    parent = node;
    ts.forEachChild(node, walk);
    parent = outer;
  };
  ts.forEachChild(file, walk);
  return found;
}

function declares(parent: ts.Node, name: ts.Node): boolean {
  return (
    'name' in parent &&
    parent.name === name &&
    !ts.isPropertyAccessExpression(parent) &&
    !ts.isImportSpecifier(parent) &&
    !ts.isShorthandPropertyAssignment(parent)
  );
}

function serviceFor({ fileName, text }: ts.SourceFile): ts.LanguageService {
  return ts.createLanguageService({
    getScriptFileNames: () => [fileName],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => (name === fileName ? ts.ScriptSnapshot.fromString(text) : undefined),
    getCurrentDirectory: () => '/',
    getCompilationSettings: () => ({
      noLib: true,
      noResolve: true,
      allowJs: true,
      jsx: ts.JsxEmit.Preserve,
      types: [],
    }),
    getDefaultLibFileName: () => '/lib.d.ts',
    fileExists: (name) => name === fileName,
    readFile: () => undefined,
  });
}
