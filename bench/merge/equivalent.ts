import { ts } from 'ts-morph';

/**
 * True when two versions of a file mean the same to its language: comments, formatting, quotes and the order of imports,
 * declarations, members, keys, unions and attributes do not count.
 */
export function equivalent(a: string, b: string, path: string): boolean {
  if (a === b) return true;
  const key = path.endsWith('.json') ? jsonKey : (text: string) => codeKey(text, path);
  const left = key(a);
  return left !== undefined && left === key(b);
}

function jsonKey(text: string): string | undefined {
  const read = ts.parseConfigFileTextToJson('file.json', text);
  return read.error ? undefined : JSON.stringify(sorted(read.config));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? value.toSorted() : value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** The syntax tree as text, children of order-free parents sorted; undefined when the text has a syntax error. */
export function codeKey(text: string, path: string): string | undefined {
  const ending = /\.tsx$/.test(path) ? 'tsx' : /\.[cm]?ts$/.test(path) ? 'ts' : 'jsx';
  const file = ts.createSourceFile(`file.${ending}`, text, ts.ScriptTarget.Latest, true);
  const { parseDiagnostics } = file as ts.SourceFile & { readonly parseDiagnostics: readonly unknown[] };
  return parseDiagnostics.length === 0 ? nodeKey(file, file) : undefined;
}

function nodeKey(node: ts.Node, file: ts.SourceFile): string {
  if (ts.isStringLiteralLike(node)) return JSON.stringify(node.text);
  if (ts.isJsxText(node)) return node.text.replace(/\s+/g, ' ').trim();
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  if (children.length === 0) return `${node.kind}:${node.getText(file).replace(/\s+/g, ' ')}`;
  if (ts.isSourceFile(node)) return fileKey(children, file);
  const parts = children.map((child) => nodeKey(child, file));
  return `${node.kind}${detail(node)}(${(isFree(node) ? parts.toSorted() : parts).join(',')})`;
}

/** What tells nodes apart although their children are equal. */
function detail(node: ts.Node): string {
  if (ts.isVariableDeclarationList(node)) return String(node.flags & ts.NodeFlags.BlockScoped);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) || ts.isTypeOperatorNode(node))
    return String(node.operator);
  return 'questionDotToken' in node && node.questionDotToken ? '?.' : '';
}

function isFree(node: ts.Node): boolean {
  if (ts.isObjectLiteralExpression(node)) return !node.properties.some(ts.isSpreadAssignment);
  if (ts.isJsxAttributes(node)) return !node.properties.some(ts.isJsxSpreadAttribute);
  if (ts.isObjectBindingPattern(node)) return !node.elements.some((one) => one.dotDotDotToken);
  if (ts.isClassLike(node) || ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return true;
  return ts.isNamedExports(node) || ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node);
}

/** Imports as a set of names, declarations in any order, statements in theirs. */
function fileKey(children: readonly ts.Node[], file: ts.SourceFile): string {
  const imports = new Set<string>();
  const declarations: string[] = [];
  const statements: string[] = [];
  for (const child of children) {
    if (ts.isImportDeclaration(child)) for (const name of importNames(child)) imports.add(name);
    else if (isDeclaration(child, file)) declarations.push(nodeKey(child, file));
    else if (child.kind !== ts.SyntaxKind.EndOfFileToken) statements.push(nodeKey(child, file));
  }
  return [[...imports].toSorted(), declarations.toSorted(), statements].map((list) => list.join('|')).join('#');
}

function importNames(node: ts.ImportDeclaration): readonly string[] {
  const module = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
  const clause = node.importClause;
  if (!clause) return [module];
  const names = clause.name ? [`${module} default ${clause.name.text}`] : [];
  const bindings = clause.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push(`${module} * ${bindings.name.text}`);
  if (bindings && ts.isNamedImports(bindings)) {
    for (const one of bindings.elements) names.push(`${module} {${one.propertyName?.text ?? ''} ${one.name.text}`);
  }
  return names;
}

function isDeclaration(node: ts.Node, file: ts.SourceFile): boolean {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.every(
      ({ initializer }) => !initializer || /^require\(|^(async )?(function|\()/.test(initializer.getText(file)),
    );
  }
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  return isType || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isExportDeclaration(node);
}
