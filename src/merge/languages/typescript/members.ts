import { ts } from 'ts-morph';
import type { Fault } from '../language.ts';

/** Uses of `this.name` in a class that declares no such member; what a class inherits counts too, so only a new one tells something. */
export function unknownMembers(of: ts.ClassLikeDeclaration): readonly Fault[] {
  const { declared, used } = membersOf(of);
  return used
    .filter(({ text }) => !declared.has(text))
    .map(({ text, pos }) => ({ gate: 'unknown-name', name: `this.${text}`, at: pos }));
}

interface Members {
  readonly declared: ReadonlySet<string>;
  readonly used: readonly ts.MemberName[];
}

function membersOf(of: ts.ClassLikeDeclaration): Members {
  const declared = new Set<string>();
  const used: ts.MemberName[] = [];
  for (const member of of.members) {
    if (member.name && !ts.isComputedPropertyName(member.name)) declared.add(member.name.text);
    if (!ts.isConstructorDeclaration(member)) continue;
    for (const one of member.parameters) {
      if (ts.isParameterPropertyDeclaration(one, member) && ts.isIdentifier(one.name)) declared.add(one.name.text);
    }
  }
  const walk = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword) {
      // JavaScript declares members by setting them.
      if (isSet(node)) declared.add(node.name.text);
      else used.push(node.name);
    }
    // These have a `this` of their own.
    const isElsewhere =
      ts.isClassLike(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isFunctionExpression(node) ||
      ts.isObjectLiteralExpression(node);
    if (!isElsewhere) ts.forEachChild(node, walk);
  };
  for (const member of of.members) walk(member);
  return { declared, used };
}

function isSet(node: ts.PropertyAccessExpression): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}
