import { ts } from 'ts-morph';

/** Brackets that change nothing: around the one statement of a branch or loop, one plain parameter of an arrow function, or JSX. */
export function isOptional(token: ts.Node): boolean {
  const { parent } = token;
  if (token.kind === ts.SyntaxKind.OpenBraceToken || token.kind === ts.SyntaxKind.CloseBraceToken)
    return ts.isBlock(parent) && isBody(parent) && parent.statements.length === 1 && isPlain(parent.statements[0]!);
  if (token.kind !== ts.SyntaxKind.OpenParenToken && token.kind !== ts.SyntaxKind.CloseParenToken) return false;
  if (ts.isParenthesizedExpression(parent))
    return (
      ts.isJsxElement(parent.expression) ||
      ts.isJsxFragment(parent.expression) ||
      ts.isJsxSelfClosingElement(parent.expression)
    );
  return ts.isArrowFunction(parent) && hasOnePlainName(parent);
}

function isBody(block: ts.Block): boolean {
  return ts.isIfStatement(block.parent) || ts.isIterationStatement(block.parent, false);
}

/** A declaration without braces around it would be a syntax error, and an `if` might take the next `else`. */
function isPlain(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) || ts.isReturnStatement(statement) || ts.isThrowStatement(statement);
}

function hasOnePlainName({ parameters, type, typeParameters }: ts.ArrowFunction): boolean {
  const [only] = parameters;
  return (
    parameters.length === 1 &&
    only !== undefined &&
    ts.isIdentifier(only.name) &&
    !only.type &&
    !only.initializer &&
    !only.questionToken &&
    !only.dotDotDotToken &&
    !type &&
    !typeParameters
  );
}
