import { ts } from 'ts-morph';
import type { Fault } from '../language.ts';
import { doubleMembers } from './doubles.ts';
import { unknownMembers } from './members.ts';
import { lookUpIn } from './scopes.ts';

type Bound = ts.SourceFile & { readonly bindDiagnostics?: readonly ts.Diagnostic[] };

const doubleCodes: ReadonlySet<number> = new Set([2300, 2451, 2528]);

/** Names that resolve in both sides but not in the merge, and names that the merge declares twice. */
export function nameFaults(
  merged: ts.SourceFile,
  sides: { readonly ours: ts.SourceFile; readonly theirs: ts.SourceFile },
): readonly Fault[] {
  const words = [wordsOf(sides.ours), wordsOf(sides.theirs)];
  const suspects = findFaults(merged).filter(
    (fault) => fault.gate !== 'unknown-name' || !words.some((side) => isGlobal(side, fault.name)),
  );
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

interface Words {
  readonly used: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

/** Used and nowhere declared in a side: it was unknown there already (a global, most often), no look-up needed. */
function isGlobal(side: Words, name: string): boolean {
  return side.used.has(name) && !side.declared.has(name);
}

function wordsOf(file: ts.SourceFile): Words {
  const used = new Set<string>();
  const declared = new Set<string>();
  eachIdentifier(file, (node) => {
    if (isDeclared(node)) declared.add(node.text);
    else if (isReference(node)) used.add(node.text);
  });
  return { used, declared };
}

function eachIdentifier(file: ts.SourceFile, visit: (node: ts.Identifier) => void): void {
  const walk = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) visit(node);
    else ts.forEachChild(node, walk);
  };
  walk(file);
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

function findFaults(file: ts.SourceFile): Fault[] {
  const lookUp = lookUpIn(file);
  const meaning = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace | ts.SymbolFlags.Alias;
  const faults: Fault[] = [];
  eachIdentifier(file, (node) => {
    const known = !isReference(node) || lookUp(node, node.text, meaning) !== undefined;
    if (!known) faults.push({ gate: 'unknown-name', name: node.text, at: node.getStart(file) });
  });
  const bound: Bound = file;
  for (const { code, start, length } of bound.bindDiagnostics ?? []) {
    if (!doubleCodes.has(code) || start === undefined) continue;
    faults.push({ gate: 'double-name', name: file.text.slice(start, start + (length ?? 0)).slice(0, 60), at: start });
  }
  return [...faults, ...unknownMembers(file), ...doubleMembers(file)];
}

function countByName(faults: readonly Fault[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { gate, name } of faults) counts.set(`${gate} ${name}`, (counts.get(`${gate} ${name}`) ?? 0) + 1);
  return counts;
}
