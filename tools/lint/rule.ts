import { relative, sep } from 'node:path';
import type { RuleTester } from 'oxlint/plugins-dev';
import { type Place, placeOf } from './house.ts';

/** A rule as oxlint takes it. */
export type Rule = Extract<Parameters<RuleTester['run']>[1], { create: unknown }>;
export type Context = Parameters<Rule['create']>[0];
type Visitor = ReturnType<Rule['create']>;
export type Identifier = Context['sourceCode']['scopeManager']['scopes'][number]['references'][number]['identifier'];

/** Any node of the syntax tree (ESTree with TypeScript). */
export type Node = Parameters<NonNullable<Visitor['DebuggerStatement']>>[0]['parent'];

/** Path of the linted file from the folder where oxlint was started, with slashes. */
export function pathOf(context: Context): string {
  return relative(context.cwd, context.filename).split(sep).join('/');
}

/** Where the file stands when the rules for product code hold for it: under `src/`, and not a test. */
export function productPlace(context: Context): Place | undefined {
  const place = placeOf(pathOf(context));
  return place === 'outside' || place === 'unknown' || place.test ? undefined : place;
}

/** The text of a plain string, also when it is written as a template without holes. */
export function textOf(node: Node | null | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** What the file names as a module, in every form: import, type import, re-export, `import()`, `import type()`, `require()`. */
export function eachImport(visit: (node: Node, source: Node, names: readonly string[]) => void): Visitor {
  return {
    ImportDeclaration(node) {
      const names = node.specifiers.map((each) => (each.type === 'ImportSpecifier' ? nameOf(each.imported) : '*'));
      visit(node, node.source, names);
    },
    ExportNamedDeclaration(node) {
      if (node.source) {
        visit(
          node,
          node.source,
          node.specifiers.map((each) => nameOf(each.local)),
        );
      }
    },
    ExportAllDeclaration: (node) => visit(node, node.source, ['*']),
    ImportExpression: (node) => visit(node, node.source, ['*']),
    TSImportType: (node) => visit(node, node.source, []),
    CallExpression(node) {
      const [source] = node.arguments;
      if (node.callee.type === 'Identifier' && node.callee.name === 'require' && source) visit(node, source, ['*']);
    },
  };
}

function nameOf(node: Node): string {
  return node.type === 'Identifier' ? node.name : (textOf(node) ?? '*');
}
