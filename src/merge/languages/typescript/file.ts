import { ts } from 'ts-morph';
import { mergeList } from '../../tree/list.ts';
import { mergeNode, merging } from '../../tree/merge.ts';
import { each } from '../../tree/three.ts';
import type { Interner, SyntaxNode } from '../../tree/node.ts';
import { concat, isConflict, text } from '../../tree/outcome.ts';
import type { Outcome } from '../../tree/outcome.ts';
import type { Three } from '../../tree/three.ts';
import { planImports, readImports, writeImports } from './imports.ts';

/** One version of a source file. */
export interface Version {
  readonly file: ts.SourceFile;
  readonly tree: SyntaxNode;
}

/** Statements above the imports, the imports, statements below. */
interface Sections {
  readonly file: ts.SourceFile;
  readonly header: SyntaxNode;
  readonly list: SyntaxNode;
  readonly above: readonly SyntaxNode[];
  readonly imports: readonly SyntaxNode[];
  readonly declarations: readonly ts.ImportDeclaration[];
  readonly below: readonly SyntaxNode[];
  readonly end: SyntaxNode;
}

/** Merges three versions of a file: imports as a set of names, everything else as a list of statements. */
export function mergeFile(versions: Three<Version>, interner: Interner): Outcome {
  const trees = each(versions, (version) => version.tree);
  const sections = each(versions, sectionsOf);
  const { base, ours, theirs } = sections;
  if (!base || !ours || !theirs) return mergeNode(trees, interner);
  return mergeSections({ base, ours, theirs }, interner) ?? mergeNode(trees, interner);
}

/** Undefined when imports and other statements alternate, so that their order may matter. */
function sectionsOf({ file, tree }: Version): Sections | undefined {
  const [statements, end] = tree.children;
  const [header, list] = statements?.children ?? [];
  if (!header || !list || !end || list.children.length !== file.statements.length) return undefined;
  const isImport = file.statements.map(ts.isImportDeclaration);
  const first = isImport.indexOf(true);
  const after = isImport.lastIndexOf(true) + 1;
  if (first < 0 || isImport.slice(first, after).includes(false)) return undefined;
  return {
    file,
    header,
    list,
    above: list.children.slice(0, first),
    imports: list.children.slice(first, after),
    declarations: file.statements.slice(first, after).filter(ts.isImportDeclaration),
    below: list.children.slice(after),
    end,
  };
}

function mergeSections(sections: Three<Sections>, interner: Interner): Outcome | undefined {
  const importText = each(sections, ({ imports }) => joined(imports));
  const changed =
    importText.ours !== importText.base &&
    importText.theirs !== importText.base &&
    importText.ours !== importText.theirs;
  if (!changed) return undefined;
  const part = (pick: (one: Sections) => readonly SyntaxNode[]): Outcome =>
    mergeList(
      each(sections, (one) => ({ ...one.list, children: pick(one), text: joined(pick(one)) })),
      merging(interner),
    );
  const above = part((one) => one.above);
  const below = part((one) => one.below);
  const imports = mergeImports(sections, { above, below });
  if (!imports) return undefined;
  const header = mergeNode(
    each(sections, (one) => one.header),
    interner,
  );
  return concat([
    header,
    above,
    imports,
    below,
    mergeNode(
      each(sections, (one) => one.end),
      interner,
    ),
  ]);
}

function joined(items: readonly SyntaxNode[]): string {
  return items.map((item) => item.text).join('');
}

function mergeImports(sections: Three<Sections>, merged: { above: Outcome; below: Outcome }): Outcome | undefined {
  const three = each(sections, (one) => readImports({ ...one, items: one.imports }));
  const body = (one: Sections): string => joined(one.above) + joined(one.below);
  const bodies = { ...each(sections, body), merged: allText(merged.above) + allText(merged.below) };
  const plan = planImports(three, bodies);
  if (!plan) return undefined;
  const needsBreak = sections.ours.above.length > 0;
  const lines = writeImports(three, plan).map((line, i) => {
    if (i === 0 && !needsBreak) return line.replace(/^\s+/, '');
    return /^\s*\n/.test(line) ? line : `\n${line}`;
  });
  const size = [...plan.values()].filter((one) => one.side === 'theirs').length;
  return concat([text(...lines)], [{ rule: 'imports', size }]);
}

/** Every text of an outcome, those of its conflicts included. */
function allText(outcome: Outcome): string {
  return outcome.pieces.map((piece) => (isConflict(piece) ? `${piece.ours}\n${piece.theirs}` : piece)).join('');
}
