import { type Node, productPlace, type Rule, textOf } from './rule.ts';

/** `index.ts` lists its exports by name. */
export const exportByName: Rule = {
  create(context) {
    return {
      ExportAllDeclaration: (node) => context.report({ node, message: 'export-star: name each export' }),
    };
  },
};

/** A cast (`as`, `<T>`, `!`) says why it is true, in a comment on its line, above it, or above its statement. */
export const reasonedCast: Rule = {
  create(context) {
    if (productPlace(context) === undefined) return {};
    const reasoned = new Set<number>();

    const check = (node: Node): void => {
      const { start, end } = node.loc;
      const nearby = [end.line, start.line, start.line - 1, statementOf(node).loc.start.line - 1];
      if (nearby.some((line) => reasoned.has(line))) {
        // One comment serves casts on lines that follow each other.
        reasoned.add(end.line);
      } else {
        const message = 'unreasoned-cast: say in a comment why this is true, or read the value with a schema';
        context.report({ node, message });
      }
    };

    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) reasoned.add(comment.loc.end.line);
      },
      TSAsExpression(node) {
        const to = node.typeAnnotation;
        if (to.type === 'TSTypeReference' && to.typeName.type === 'Identifier' && to.typeName.name === 'const') return;
        check(node);
      },
      TSTypeAssertion: check,
      TSNonNullExpression(node) {
        // `row[i]!` in a loop over its own bounds is how index arithmetic is written.
        if (node.expression.type !== 'MemberExpression' || !node.expression.computed) check(node);
      },
    };
  },
};

function statementOf(node: Node): Node {
  let found = node;
  while (!/(Statement|Declaration|PropertyDefinition|Program)$/.test(found.type)) {
    if (found.parent === null) return found;
    found = found.parent;
  }
  return found;
}

/** Two systems can live in one process: nothing at the top of a file may change. */
export const noModuleState: Rule = {
  create(context) {
    if (productPlace(context) === undefined) return {};
    return {
      VariableDeclaration(node) {
        const top = node.parent.type === 'Program' || node.parent.type === 'ExportNamedDeclaration';
        if (!top || node.declare) return;
        const changes =
          node.kind !== 'const' || node.declarations.some((each) => each.init && isEmptyContainer(each.init));
        if (changes)
          context.report({ node, message: 'module-state: keep state in an object that someone makes and closes' });
      },
    };
  },
};

function isEmptyContainer(node: Node): boolean {
  if (node.type === 'ArrayExpression') return node.elements.length === 0;
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier') return false;
  return /^(Weak)?(Map|Set)$/.test(node.callee.name) && node.arguments.length === 0;
}

/** Our own modules are never mocked: tests use the real small thing. */
export const noMocks: Rule = {
  create(context) {
    return {
      CallExpression(node) {
        const { callee } = node;
        if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || callee.object.name !== 'vi')
          return;
        const method = callee.property.type === 'Identifier' ? callee.property.name : '';
        const [first] = node.arguments;
        const inner = first?.type === 'ImportExpression' ? first.source : first;
        if (/^(mock|doMock)$/.test(method) && /^[#./]/.test(textOf(inner) ?? '')) {
          context.report({
            node,
            message: 'mock: use the real module, or a scripted adapter that passes the conformance suite',
          });
        }
      },
    };
  },
};
