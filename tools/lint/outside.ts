import { type GlobalUse, globalProblem, moduleProblem } from './purity.ts';
import { type Context, eachImport, type Identifier, type Node, productPlace, type Rule, textOf } from './rule.ts';

/** Clock, dice, timers, environment, files, processes and network only on their floor. Tests are exempt. */
export const pure: Rule = {
  create(context) {
    const place = productPlace(context);
    if (place === undefined) return {};

    return {
      ...eachImport((node, source, names) => {
        const specifier = textOf(source);
        const message = specifier === undefined ? undefined : moduleProblem(place, specifier, names);
        if (message !== undefined) context.report({ node, message });
      }),
      'Program:exit'() {
        for (const identifier of globalsOf(context)) {
          if (isType(identifier.parent)) continue;
          const message = globalProblem(place, useOf(identifier));
          if (message !== undefined) context.report({ node: identifier, message });
        }
      },
    };
  },
};

/** Uses of names that the file does not define: unknown to the parser (`process`), or of the language itself (`Date`). */
function globalsOf(context: Context): readonly Identifier[] {
  const scope = context.sourceCode.scopeManager.globalScope;
  if (scope === null) throw new Error('no global scope: globals cannot be checked');
  const ofLanguage = scope.variables.filter((variable) => variable.defs.length === 0);
  return [...scope.through, ...ofLanguage.flatMap((variable) => variable.references)].map((use) => use.identifier);
}

function isType(parent: Node): boolean {
  return ['TSTypeReference', 'TSQualifiedName', 'TSTypeQuery', 'TSInterfaceHeritage', 'TSClassImplements'].includes(
    parent.type,
  );
}

function useOf(identifier: Identifier): GlobalUse {
  const { parent } = identifier;
  const ofMember = parent.type === 'MemberExpression' && parent.object === identifier;
  return {
    name: identifier.name,
    member: ofMember ? memberOf(parent) : undefined,
    constructedWithArguments:
      parent.type === 'NewExpression' &&
      parent.callee === identifier &&
      parent.arguments.some((argument) => argument.type !== 'SpreadElement'),
    instanceOf: parent.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === identifier,
  };
}

function memberOf(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  if (node.computed) return textOf(node.property);
  return node.property.type === 'Identifier' ? node.property.name : undefined;
}
