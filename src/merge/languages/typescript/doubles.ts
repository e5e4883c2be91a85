import { ts } from 'ts-morph';
import type { Fault } from '../language.ts';

/** What stands twice under one name among a node's members, functions, imports or keys, which the binder alone does not report. */
export function doubleMembers(node: ts.Node, file: ts.SourceFile): readonly Fault[] {
  const names = namesIn(node, file);
  if (names.length < 2) return none;
  const gate = ts.isObjectLiteralExpression(node) ? 'double-key' : 'double-name';
  return doublesAmong(names).map(({ text, at }) => ({ gate, name: text, at }));
}

const none: readonly never[] = Object.freeze([]);

interface Name {
  readonly text: string;
  readonly at: number;
}

function doublesAmong(names: readonly Name[]): readonly Name[] {
  const seen = new Set<string>();
  return names.filter(({ text }) => seen.has(text) || !seen.add(text));
}

/** Names that must be single among the children of this node, each with what tells it from allowed namesakes. */
function namesIn(node: ts.Node, file: ts.SourceFile): readonly Name[] {
  if (ts.isSourceFile(node)) return [...functionNames(node.statements, file), ...importClashes(node)];
  if (ts.isBlock(node) || ts.isModuleBlock(node)) return functionNames(node.statements, file);
  if (ts.isClassLike(node)) return node.members.flatMap((member) => memberName(member, file));
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) {
    return node.members.flatMap((member) => (ts.isPropertySignature(member) ? named(member.name, '', file) : []));
  }
  if (ts.isObjectLiteralExpression(node)) return node.properties.flatMap((property) => propertyName(property, file));
  return none;
}

function functionNames(statements: readonly ts.Statement[], file: ts.SourceFile): readonly Name[] {
  return statements.flatMap((one) =>
    ts.isFunctionDeclaration(one) && one.body && one.name ? named(one.name, '', file) : [],
  );
}

/** An imported name and a value of the same name at the top of the file. */
function importClashes(file: ts.SourceFile): readonly Name[] {
  const imported = new Set<string>();
  for (const statement of file.statements) {
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    if (clause?.name) imported.add(clause.name.text);
    const bindings = clause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) imported.add(bindings.name.text);
    if (bindings && ts.isNamedImports(bindings)) for (const one of bindings.elements) imported.add(one.name.text);
  }
  const declared = file.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map((one) => one.name);
    const isValue =
      ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    return isValue && statement.name ? [statement.name] : [];
  });
  return declared
    .filter((name) => ts.isIdentifier(name) && imported.has(name.text))
    .flatMap((name) => [...named(name, 'import ', file), ...named(name, 'import ', file)]);
}

function memberName(member: ts.ClassElement, file: ts.SourceFile): readonly Name[] {
  if (!member.name)
    return ts.isConstructorDeclaration(member) && member.body
      ? [{ text: 'constructor', at: member.getStart(file) }]
      : [];
  const isStatic =
    ts.canHaveModifiers(member) && ts.getModifiers(member)?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword);
  const prefix = isStatic ? 'static ' : '';
  if (ts.isGetAccessor(member)) return named(member.name, `${prefix}get `, file);
  if (ts.isSetAccessor(member)) return named(member.name, `${prefix}set `, file);
  const counts = ts.isPropertyDeclaration(member) || (ts.isMethodDeclaration(member) && member.body !== undefined);
  return counts ? named(member.name, prefix, file) : [];
}

function propertyName(property: ts.ObjectLiteralElementLike, file: ts.SourceFile): readonly Name[] {
  if (ts.isSpreadAssignment(property)) return [];
  const accessor = ts.isGetAccessor(property) ? 'get ' : ts.isSetAccessor(property) ? 'set ' : '';
  return named(property.name, accessor, file);
}

function named(name: ts.Node, prefix: string, file: ts.SourceFile): readonly Name[] {
  if (ts.isComputedPropertyName(name)) return [];
  const at = name.getStart(file);
  const text = ts.isStringLiteralLike(name) ? name.text : file.text.slice(at, name.end);
  return [{ text: prefix + text, at }];
}
