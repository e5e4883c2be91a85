import { ts } from '@ts-morph/common';
import { type Target, topLevelNames } from './targets.ts';

/** The names of a target's members that are called `member`: of a class, interface, type, enum, namespace or object. */
export function membersOf(owner: Target, member: string): readonly ts.Node[] {
  return [...owner.declarations].flatMap(namesIn).filter((name) => ts.isIdentifier(name) && name.text === member);
}

/** Names of all members, for suggesting one that is near. */
export function memberNames(owner: Target): readonly string[] {
  return [...owner.declarations].flatMap(namesIn).map((name) => (ts.isIdentifier(name) ? name.text : ''));
}

function namesIn(declaration: ts.Node): readonly ts.Node[] {
  if (ts.isClassLike(declaration)) return [...named(declaration.members), ...parameterProperties(declaration)];
  if (ts.isInterfaceDeclaration(declaration) || ts.isEnumDeclaration(declaration)) return named(declaration.members);
  if (ts.isTypeAliasDeclaration(declaration)) return namesInType(declaration.type);
  if (ts.isModuleDeclaration(declaration)) {
    return declaration.body !== undefined && ts.isModuleBlock(declaration.body)
      ? topLevelNames(declaration.body.statements)
      : [];
  }
  if (ts.isVariableDeclaration(declaration)) {
    const value = declaration.initializer === undefined ? undefined : bare(declaration.initializer);
    if (value !== undefined && ts.isObjectLiteralExpression(value)) return named(value.properties);
    if (value !== undefined && ts.isClassLike(value)) return namesIn(value);
  }
  return [];
}

function namesInType(type: ts.TypeNode): readonly ts.Node[] {
  if (ts.isTypeLiteralNode(type)) return named(type.members);
  if (ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)) return type.types.flatMap(namesInType);
  return ts.isParenthesizedTypeNode(type) ? namesInType(type.type) : [];
}

function named(members: readonly { readonly name?: ts.Node }[]): readonly ts.Node[] {
  return members.flatMap((member) => member.name ?? []);
}

function parameterProperties(declaration: ts.ClassLikeDeclaration): readonly ts.Node[] {
  const builders = declaration.members.filter(ts.isConstructorDeclaration);
  const parameters = builders.flatMap((each) => [...each.parameters]);
  return parameters.filter((each) => ts.isParameterPropertyDeclaration(each, each.parent)).map((each) => each.name);
}

function bare(expression: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) || ts.isParenthesizedExpression(expression);
  return isWrapped ? bare(expression.expression) : expression;
}
