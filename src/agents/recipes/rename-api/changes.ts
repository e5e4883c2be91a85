import { ts } from '@ts-morph/common';
import type { Edit } from '../splice.ts';
import { identifiersIn, nameAt } from './identifiers.ts';
import { isShorthandBinding, meaningOf } from './meaning.ts';
import { fromCompiler, isOurs } from './places.ts';
import type { Project } from './project.ts';
import type { Target } from './targets.ts';

/** One place that is rewritten. */
export interface Change extends Edit {
  readonly path: string;
  /** Where in `text` the new name stands. */
  readonly nameAt: number;
  /** Which meaning the new name carries; `pair`: two names that became one. */
  readonly role: 'value' | 'property' | 'pair';
  readonly node: ts.Node;
}

/** All places that mean the target, found by what each identifier stands for. */
export function changesOf(project: Project, target: Target, from: string, to: string): readonly Change[] {
  const checker = project.program().getTypeChecker();
  const isTarget = (declarations: readonly ts.Node[]): boolean =>
    declarations.some((each) => target.declarations.has(each));
  const changes = project.sources().flatMap((source) =>
    identifiersIn(source, [from]).flatMap((id) => {
      const meaning = meaningOf(id, checker);
      const value = isTarget(meaning.value);
      const property = isTarget(meaning.property);
      return value || property ? [changeOf(id, { from, to, value, property })] : [];
    }),
  );
  return shortened(changes, to);
}

interface Renaming {
  readonly from: string;
  readonly to: string;
  readonly value: boolean;
  readonly property: boolean;
}

function changeOf(id: ts.Identifier, { from, to, value, property }: Renaming): Change {
  const isShorthand =
    ts.isShorthandPropertyAssignment(id.parent) || (isShorthandBinding(id.parent) && id.parent.name === id);
  if (!isShorthand || (value && property)) return replaced(id, to, 0, value ? 'value' : 'property');
  // `{ from }` where only one of the two meanings is renamed.
  return value
    ? replaced(id, `${from}: ${to}`, from.length + 2, 'value')
    : replaced(id, `${to}: ${from}`, 0, 'property');
}

function replaced(node: ts.Node, text: string, at: number, role: Change['role']): Change {
  const source = node.getSourceFile();
  return {
    path: fromCompiler(source.fileName),
    start: node.getStart(source),
    end: node.end,
    text,
    nameAt: at,
    role,
    node,
  };
}

/** All places of a member, found by the language service, which follows inheritance and the types that objects are used as. */
export function memberChanges(project: Project, names: readonly ts.Node[], to: string): readonly Change[] | 'not ours' {
  const program = project.program();
  const changes = new Map<string, Change>();
  for (const name of names) {
    const file = name.getSourceFile().fileName;
    const preferences = { providePrefixAndSuffixTextForRename: true };
    const found = project.service.findRenameLocations(file, name.getStart(), false, false, preferences) ?? [];
    for (const { fileName, textSpan, prefixText = '', suffixText = '' } of found) {
      if (!isOurs(fileName)) return 'not ours';
      const source = program.getSourceFile(fileName);
      const end = textSpan.start + textSpan.length;
      const node = source && nameAt(source, textSpan.start, end);
      if (node === undefined) continue;
      if (isInherited(node, program.getTypeChecker())) return 'not ours';
      const change: Change = {
        path: fromCompiler(fileName),
        start: textSpan.start,
        end,
        text: prefixText + to + suffixText,
        nameAt: prefixText.length,
        role: suffixText === '' ? 'value' : 'property',
        node,
      };
      changes.set(`${fileName}:${textSpan.start}`, change);
    }
  }
  return shortened([...changes.values()], to);
}

/** True for a member that a library declares already, in a class or interface that this one extends or implements. */
function isInherited(name: ts.Node, checker: ts.TypeChecker): boolean {
  const owner = name.parent.parent;
  if (!ts.isIdentifier(name) || !(ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner))) return false;
  const above = (owner.heritageClauses ?? []).flatMap((clause) => [...clause.types]);
  const declarations = above.flatMap(
    (type) => checker.getTypeAtLocation(type).getProperty(name.text)?.declarations ?? [],
  );
  return declarations.some((declaration) => !isOurs(declaration.getSourceFile().fileName));
}

/** `to: to` and `to as to`, where only one side had to change, become `to`: so that renaming there and back ends where it began. */
function shortened(changes: readonly Change[], to: string): readonly Change[] {
  const changed = new Set(changes.map((change) => change.node));
  return changes.map((change) => {
    const [first, second] = pairAround(change.node);
    if (first === undefined || second === undefined || (changed.has(first) && changed.has(second))) return change;
    const other = first === change.node ? second : first;
    const source = first.getSourceFile();
    const between = source.text.slice(first.end, second.getStart(source));
    if (other.getText(source) !== to || !/^\s*(:|as)\s*$/.test(between)) return change;
    return { ...change, start: first.getStart(source), end: second.end, text: to, nameAt: 0, role: 'pair' };
  });
}

/** The two names of `name: value`, `{ name: variable }` and `name as alias`, when this is one of them. */
function pairAround(node: ts.Node): readonly [ts.Node?, ts.Node?] {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent)) return [parent.name, parent.initializer];
  const isRenaming = ts.isBindingElement(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent);
  return isRenaming && parent.propertyName !== undefined ? [parent.propertyName, parent.name] : [];
}
