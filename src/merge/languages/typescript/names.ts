import { ts } from 'ts-morph';
import type { Fault } from '../language.ts';
import { doubleMembers } from './doubles.ts';
import { unknownMembers } from './members.ts';
import { setParent } from './parents.ts';
import { lookUpIn } from './scopes.ts';

interface Bound {
  readonly bindDiagnostics?: readonly ts.Diagnostic[];
}

const doubleCodes: ReadonlySet<number> = new Set([2300, 2451, 2528]);

/** Names that resolve in both sides but not in the merge, and names that the merge declares twice. */
export function nameFaults(
  merged: ts.SourceFile,
  sides: { readonly ours: ts.SourceFile; readonly theirs: ts.SourceFile },
): readonly Fault[] {
  const found = findFaults(merged);
  const unknown = new Set(found.flatMap(({ gate, name }) => (gate === 'unknown-name' ? [name] : [])));
  if (unknown.size > 0)
    for (const side of [sides.ours, sides.theirs]) for (const name of globalsOf(side, unknown)) unknown.delete(name);
  const suspects = found.filter(({ gate, name }) => gate !== 'unknown-name' || unknown.has(name));
  if (suspects.length === 0) return [];
  const ours = countByName(findFaults(sides.ours));
  const theirs = countByName(findFaults(sides.theirs));
  const counts = countByName(suspects);
  return suspects.filter((fault) => {
    const key = `${fault.gate} ${fault.name}`;
    const before = Math.max(ours.get(key) ?? 0, theirs.get(key) ?? 0);
    return fault.gate === 'unknown-name' ? before === 0 : (counts.get(key) ?? 0) > before;
  });
}

/** Of these names, those used and nowhere declared in a side: unknown there already (a global, most often), no look-up needed. */
function globalsOf(side: ts.SourceFile, names: ReadonlySet<string>): ReadonlySet<string> {
  const used = new Set<string>();
  const declared = new Set<string>();
  let parent: ts.Node = side;
  const walk = (node: ts.Node): void => {
    setParent(node, parent);
    if (!ts.isIdentifier(node)) {
      const outer = parent;
      parent = node;
      ts.forEachChild(node, walk);
      parent = outer;
    } else if (names.has(node.text)) {
      if (isDeclared(node)) declared.add(node.text);
      else if (isReference(node)) used.add(node.text);
    }
  };
  ts.forEachChild(side, walk);
  for (const name of declared) used.delete(name);
  return used;
}

function isDeclared(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isJsxAttribute(parent))
    return false;
  return 'name' in parent && parent.name === node;
}

/** Names of properties, labels and attributes, and both names of import and export lists, are looked up elsewhere. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (isDeclared(node)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isExportSpecifier(parent))
    return parent.parent.parent.moduleSpecifier === undefined && parent.propertyName === node;
  if (ts.isJsxClosingElement(parent)) return false;
  if (ts.isJsxOpeningLikeElement(parent)) return !/^[a-z]/.test(node.text);
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent))
    return parent.propertyName !== node && parent.name !== node;
  if (ts.isJsxAttribute(parent) || ts.isMetaProperty(parent) || ts.isImportAttribute(parent)) return false;
  return !ts.isLabeledStatement(parent) && !ts.isBreakOrContinueStatement(parent);
}

function findFaults(file: ts.SourceFile): readonly Fault[] {
  const lookUp = lookUpIn(file);
  const meaning = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace | ts.SymbolFlags.Alias;
  const names: Fault[] = [];
  const members: Fault[] = [];
  const doubles: Fault[] = [];
  // One walk for all: on large files walking takes longer than looking.
  const walk = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const known = !isReference(node) || lookUp(node, node.escapedText, meaning) !== undefined;
      if (!known) names.push({ gate: 'unknown-name', name: node.text, at: node.getStart(file) });
      return;
    }
    if (ts.isClassLike(node)) members.push(...unknownMembers(node));
    doubles.push(...doubleMembers(node, file));
    ts.forEachChild(node, walk);
  };
  walk(file);
  return [...names, ...doublyBound(file), ...members, ...doubles];
}

/** What the binder found to be declared twice in one scope. */
function doublyBound(file: ts.SourceFile & Bound): readonly Fault[] {
  return (file.bindDiagnostics ?? []).flatMap(({ code, start, length }): readonly Fault[] => {
    if (!doubleCodes.has(code) || start === undefined) return [];
    return [{ gate: 'double-name', name: file.text.slice(start, start + (length ?? 0)).slice(0, 60), at: start }];
  });
}

function countByName(faults: readonly Fault[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { gate, name } of faults) counts.set(`${gate} ${name}`, (counts.get(`${gate} ${name}`) ?? 0) + 1);
  return counts;
}
