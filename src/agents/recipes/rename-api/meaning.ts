import { ts } from '@ts-morph/common';

/**
 * What one identifier stands for, as the declarations behind it once imports and exports are followed. In
 * `{ name }` and `const { name } = ...` the same letters stand for two things: a variable and a property.
 */
export interface Meaning {
  readonly value: readonly ts.Node[];
  readonly property: readonly ts.Node[];
}

export function meaningOf(id: ts.Identifier, checker: ts.TypeChecker): Meaning {
  const { parent } = id;
  const behind = (symbol: ts.Symbol | undefined): readonly ts.Node[] => declarationsBehind(symbol, checker);
  if (ts.isShorthandPropertyAssignment(parent) && parent.name === id) {
    const value = behind(checker.getShorthandAssignmentValueSymbol(parent));
    return { value, property: behind(propertyIn(parent.parent, id, checker)) };
  }
  if (isShorthandBinding(parent) && parent.name === id) {
    const property = checker.getTypeAtLocation(parent.parent).getProperty(id.text);
    return { value: behind(checker.getSymbolAtLocation(id)), property: behind(property) };
  }
  if (ts.isExportSpecifier(parent) && (parent.propertyName ?? parent.name) === id) {
    return { value: behind(checker.getExportSpecifierLocalTargetSymbol(parent)), property: [] };
  }
  if (ts.isObjectLiteralElementLike(parent) && parent.name === id && ts.isObjectLiteralExpression(parent.parent)) {
    const own = behind(checker.getSymbolAtLocation(id));
    return { value: own, property: behind(propertyIn(parent.parent, id, checker)) };
  }
  return { value: behind(checker.getSymbolAtLocation(id)), property: [] };
}

/** `const { name } = ...`, where the property and the variable share their letters. */
export function isShorthandBinding(node: ts.Node): node is ts.BindingElement {
  return ts.isBindingElement(node) && node.propertyName === undefined && ts.isObjectBindingPattern(node.parent);
}

/** The declarations that a symbol leads to; empty where it cannot be found, as for packages that are not installed. */
export function declarationsBehind(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): readonly ts.Node[] {
  if (symbol === undefined) return [];
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return target.declarations ?? [];
}

/** The property that the surroundings of an object literal expect under this name. */
function propertyIn(
  literal: ts.ObjectLiteralExpression,
  id: ts.Identifier,
  checker: ts.TypeChecker,
): ts.Symbol | undefined {
  return checker.getContextualType(literal)?.getProperty(id.text) ?? assignedProperty(literal, id, checker);
}

/** `({ name } = value)` takes properties of the value; `module.exports = { name }` gives the module's exports their names. */
function assignedProperty(
  literal: ts.ObjectLiteralExpression,
  id: ts.Identifier,
  checker: ts.TypeChecker,
): ts.Symbol | undefined {
  const { parent } = literal;
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return undefined;
  if (parent.left === literal) return checker.getTypeAtLocation(parent.right).getProperty(id.text);
  const source = id.getSourceFile();
  const isExports = parent.left.getText(source) === 'module.exports';
  return isExports ? checker.getSymbolAtLocation(source)?.exports?.get(id.escapedText) : undefined;
}
