import { ts } from 'ts-morph';
import type { ListTraits } from '../../tree/node.ts';

const commaParents: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.NamedImports,
  ts.SyntaxKind.NamedExports,
  ts.SyntaxKind.ObjectLiteralExpression,
  ts.SyntaxKind.ObjectBindingPattern,
  ts.SyntaxKind.ArrayBindingPattern,
  ts.SyntaxKind.ArrayLiteralExpression,
  ts.SyntaxKind.EnumDeclaration,
  ts.SyntaxKind.TupleType,
  ts.SyntaxKind.VariableDeclarationList,
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.TypeReference,
  ts.SyntaxKind.ExpressionWithTypeArguments,
  ts.SyntaxKind.HeritageClause,
]);

/** How the children of this syntax list may be merged, from what their order means in the language. */
export function listTraits(parent: ts.Node, children: readonly ts.Node[], file: ts.SourceFile): ListTraits {
  if (ts.isUnionTypeNode(parent) || ts.isIntersectionTypeNode(parent)) {
    const bars = children.every((child, i) => !isToken(child) || child.getText(file) === '|' || i === 0);
    return { free: bars && ts.isUnionTypeNode(parent), separator: ts.isUnionTypeNode(parent) ? '|' : '' };
  }
  const isParameters = children[0]
    ? ts.isParameter(children[0]) || ts.isTypeParameterDeclaration(children[0])
    : ts.isFunctionLike(parent);
  const comma =
    commaParents.has(parent.kind) || isParameters || children.some((child) => child.kind === ts.SyntaxKind.CommaToken);
  return {
    free: isFree(parent, children) || isStringSet(parent, file),
    separator: comma ? ',' : '',
    growing: ts.isArrayLiteralExpression(parent),
  };
}

/** In JSON a list of strings is nearly always a set: files, keywords, globs, libraries. */
function isStringSet(parent: ts.Node, file: ts.SourceFile): boolean {
  if (!ts.isArrayLiteralExpression(parent) || !file.fileName.endsWith('.json')) return false;
  return parent.elements.length > 0 && parent.elements.every(ts.isStringLiteral);
}

function isToken(node: ts.Node): boolean {
  return node.kind < ts.SyntaxKind.FirstNode && node.kind !== ts.SyntaxKind.Identifier;
}

function isFree(parent: ts.Node, children: readonly ts.Node[]): boolean {
  if (ts.isNamedImports(parent) || ts.isNamedExports(parent)) return true;
  if (ts.isInterfaceDeclaration(parent) || ts.isTypeLiteralNode(parent)) return children.every(ts.isTypeElement);
  if (ts.isClassLike(parent)) return children.length > 0 && children.every(ts.isClassElement);
  if (ts.isObjectLiteralExpression(parent)) return !children.some(ts.isSpreadAssignment);
  if (ts.isJsxAttributes(parent)) return !children.some(ts.isJsxSpreadAttribute);
  if (ts.isObjectBindingPattern(parent))
    return !children.some((child) => ts.isBindingElement(child) && child.dotDotDotToken);
  if (ts.isEnumDeclaration(parent))
    return children.every((child) => !ts.isEnumMember(child) || child.initializer !== undefined);
  return false;
}

interface ItemTraits {
  readonly key?: string;
  readonly free?: boolean;
}

/** The name of a list's item among its siblings, and whether its place matters. */
export function itemTraits(node: ts.Node, file: ts.SourceFile): ItemTraits {
  const key = keyOf(node, file);
  const free = hoisted(node) || undefined;
  return { ...(key === undefined ? {} : { key }), ...(free ? { free } : {}) };
}

/** Declarations that are in force in their whole scope, wherever they stand. */
function hoisted(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) && node.importClause) return true;
  if (ts.isExportDeclaration(node) || isRequire(node)) return true;
  if (ts.isFunctionDeclaration(node)) return node.body !== undefined;
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

/** `const fs = require('fs')`, the older way to import. */
function isRequire(node: ts.Node): boolean {
  if (!ts.isVariableStatement(node)) return false;
  return node.declarationList.declarations.every((one) => {
    let value = one.initializer;
    while (value && ts.isPropertyAccessExpression(value)) value = value.expression;
    return (
      value !== undefined &&
      ts.isCallExpression(value) &&
      ts.isIdentifier(value.expression) &&
      value.expression.text === 'require'
    );
  });
}

function keyOf(node: ts.Node, file: ts.SourceFile): string | undefined {
  return statementKey(node, file) ?? memberKey(node, file);
}

function statementKey(node: ts.Node, file: ts.SourceFile): string | undefined {
  if (ts.isImportDeclaration(node)) return importKey(node, file);
  if (ts.isExportDeclaration(node))
    return `export ${node.isTypeOnly ? 'type ' : ''}${node.moduleSpecifier?.getText(file).slice(1, -1) ?? ''}${node.exportClause ? '' : '*'}`;
  if (ts.isExportAssignment(node)) return 'export default';
  if (ts.isFunctionDeclaration(node)) return `function ${node.name?.text ?? ''}`;
  if (ts.isClassDeclaration(node)) return `class ${node.name?.text ?? ''}`;
  if (ts.isInterfaceDeclaration(node)) return `interface ${node.name.text}`;
  if (ts.isTypeAliasDeclaration(node)) return `type ${node.name.text}`;
  if (ts.isEnumDeclaration(node)) return `enum ${node.name.text}`;
  if (ts.isModuleDeclaration(node)) return `module ${node.name.getText(file)}`;
  if (ts.isVariableStatement(node))
    return `variable ${node.declarationList.declarations.map((one) => one.name.getText(file)).join(' ')}`;
  if (ts.isExpressionStatement(node)) return expressionKey(node.expression, file);
  return undefined;
}

function importKey(node: ts.ImportDeclaration, file: ts.SourceFile): string {
  const clause = node.importClause;
  const type = clause?.isTypeOnly ? 'type ' : '';
  const star = clause?.namedBindings && ts.isNamespaceImport(clause.namedBindings) ? '* ' : '';
  const shape = clause ? star : 'effect ';
  return `import ${type}${shape}${node.moduleSpecifier.getText(file).slice(1, -1)}`;
}

/** `it('adds', ...)` and `exports.add = ...` name themselves although they are plain statements. */
function expressionKey(expression: ts.Expression, file: ts.SourceFile): string | undefined {
  if (
    ts.isBinaryExpression(expression) &&
    expression.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(expression.left)
  ) {
    return `assign ${expression.left.getText(file)}`;
  }
  if (!ts.isCallExpression(expression)) return undefined;
  const first = expression.arguments[0];
  if (!first || !ts.isStringLiteralLike(first) || expression.arguments.length < 2) return undefined;
  return `call ${expression.expression.getText(file)} ${first.text}`;
}

function memberKey(node: ts.Node, file: ts.SourceFile): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isGetAccessorDeclaration(node)) return `get ${prefix(node)}${node.name.getText(file)}`;
  if (ts.isSetAccessorDeclaration(node)) return `set ${prefix(node)}${node.name.getText(file)}`;
  if (ts.isCaseClause(node)) return `case ${node.expression.getText(file)}`;
  if (ts.isDefaultClause(node)) return 'default';
  if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) return `name ${node.name.text}`;
  if (ts.isVariableDeclaration(node) || ts.isParameter(node)) return `name ${node.name.getText(file)}`;
  if (ts.isBindingElement(node)) return `name ${(node.propertyName ?? node.name).getText(file)}`;
  if (ts.isJsxAttribute(node)) return `attribute ${node.name.getText(file)}`;
  if (ts.isTypeElement(node) || ts.isClassElement(node) || ts.isObjectLiteralElement(node) || ts.isEnumMember(node)) {
    const name = node.name;
    return name === undefined ? undefined : `member ${prefix(node)}${nameText(name, file)}`;
  }
  return undefined;
}

function nameText(name: ts.Node, file: ts.SourceFile): string {
  return ts.isStringLiteralLike(name) ? name.text : name.getText(file);
}

function prefix(node: ts.Node): string {
  if (!ts.canHaveModifiers(node)) return '';
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword) ? 'static ' : '';
}
