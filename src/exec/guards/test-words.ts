import { ts } from 'ts-morph';

/** What a test file says, counted. */
export interface TestWords {
  readonly tests: number;
  /** Tests and groups that are skipped, to do, or expected to fail. */
  readonly skipped: number;
  /** Tests and groups that keep all others from running. */
  readonly focused: number;
  readonly assertions: number;
}

const SCRIPT = /\.[cm]?[jt]sx?$/;
const TESTS = new Set(['it', 'test', 'specify']);
const GROUPS = new Set(['describe', 'suite', 'context']);
const SKIPPED_HEADS = new Set(['xit', 'xtest', 'xspecify', 'xdescribe', 'xcontext']);
const FOCUSED_HEADS = new Set(['fit', 'fdescribe', 'fcontext']);
const SKIPS = new Set(['skip', 'todo', 'fails', 'failing', 'skipIf', 'runIf']);
const ASSERTIONS = new Set(['expect', 'assert', 'should', 'chai']);
/** The object that node:test, ava and tap hand to a test. */
const TEST_CONTEXTS = new Set(['t', 'ctx', 'context', 'this', 'tap']);
const CONTEXT_ASSERTIONS = new Set(
  'assert is not deepEqual notDeepEqual equal notEqual same notSame like true false truthy falsy ok notOk throws throwsAsync rejects resolves regex match snapshot pass fail expect'.split(
    ' ',
  ),
);
const TEST_MODULES =
  /^(?:node:)?(?:test|assert(?:\/strict)?)$|^(?:vitest|@jest\/globals|mocha|chai|ava|tape|tap|bun:test)$/;
const ASSERT_MODULES = /^(?:node:)?assert(?:\/strict)?$|^chai$/;

/** Counts by syntax in JavaScript and TypeScript, so that comments and texts do not count; elsewhere by words. */
export function countTestWords(path: string, text: string): TestWords {
  return SCRIPT.test(path) ? countBySyntax(path, text) : countByWords(text);
}

interface Counts {
  tests: number;
  skipped: number;
  focused: number;
  assertions: number;
}

function countBySyntax(path: string, text: string): TestWords {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const names = importedNames(source);
  const counts: Counts = { tests: 0, skipped: 0, focused: 0, assertions: 0 };
  const visit = (node: ts.Node): void => {
    if ((ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword) && isHead(node)) {
      countChain(chainFrom(node, names), counts);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return counts;
}

/** `it.skip.each(table)('name', fn)` is one chain: head `it`, members `skip` and `each`, called. */
interface Chain {
  readonly head: string;
  readonly members: readonly string[];
  readonly calls: readonly ts.CallExpression[];
}

function isHead(node: ts.Node): boolean {
  const { parent } = node;
  return !(ts.isPropertyAccessExpression(parent) && parent.name === node);
}

function chainFrom(start: ts.Node, names: ReadonlyMap<string, string>): Chain {
  const text = start.getText();
  const members: string[] = [];
  const calls: ts.CallExpression[] = [];
  let node = start;
  for (;;) {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) members.push(parent.name.text);
    else if (ts.isCallExpression(parent) && parent.expression === node) calls.push(parent);
    else if (ts.isElementAccessExpression(parent) && parent.expression === node) {
      members.push(ts.isStringLiteralLike(parent.argumentExpression) ? parent.argumentExpression.text : '[]');
    } else if (!isTransparent(parent, node)) break;
    node = parent;
  }
  return { head: names.get(text) ?? text, members, calls };
}

function isTransparent(parent: ts.Node, node: ts.Node): boolean {
  if (ts.isTaggedTemplateExpression(parent)) return parent.tag === node;
  return ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent) || ts.isAsExpression(parent);
}

function countChain(chain: Chain, counts: Counts): void {
  const { head, members, calls } = chain;
  if (calls.length === 0) return;
  const inContext = TEST_CONTEXTS.has(head);
  const isTest = TESTS.has(head) || head === 'fit' || /^x(?:it|test|specify)$/.test(head);
  const isSubtest = inContext && members.some((name) => TESTS.has(name));
  const isGroup = GROUPS.has(head) || SKIPPED_HEADS.has(head) || FOCUSED_HEADS.has(head);
  if (isTest || isSubtest) counts.tests += 1;
  if (isTest || isSubtest || isGroup || inContext) {
    if (SKIPPED_HEADS.has(head) || members.some((name) => SKIPS.has(name)) || hasOption(calls, SKIPS)) {
      counts.skipped += 1;
    }
    if (FOCUSED_HEADS.has(head) || members.includes('only') || hasOption(calls, new Set(['only']))) {
      counts.focused += 1;
    }
  }
  const asserts = ASSERTIONS.has(head) || members.includes('should');
  if (asserts || (inContext && CONTEXT_ASSERTIONS.has(members[0] ?? ''))) counts.assertions += 1;
}

/** `{ skip: true }` among the arguments, as node:test and vitest take it; a value of `false` does not count. */
function hasOption(calls: readonly ts.CallExpression[], options: ReadonlySet<string>): boolean {
  const literals = calls.flatMap((call) => call.arguments.filter(ts.isObjectLiteralExpression));
  return literals.some((literal) =>
    literal.properties.some((property) => {
      const name = property.name;
      if (name === undefined || !(ts.isIdentifier(name) || ts.isStringLiteral(name))) return false;
      if (ts.isPropertyAssignment(property) && property.initializer.kind === ts.SyntaxKind.FalseKeyword) return false;
      return options.has(name.text);
    }),
  );
}

/** Local names of what was imported from test and assertion modules, to the names it has there. */
function importedNames(source: ts.SourceFile): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const from = statement.moduleSpecifier.text;
    if (!TEST_MODULES.test(from)) continue;
    const meaning = (name: string): string => (ASSERT_MODULES.test(from) ? 'assert' : name);
    const clause = statement.importClause;
    if (clause?.name) names.set(clause.name.text, meaning('test'));
    const bindings = clause?.namedBindings;
    if (bindings === undefined) continue;
    if (ts.isNamespaceImport(bindings)) names.set(bindings.name.text, meaning('t'));
    else
      for (const item of bindings.elements) names.set(item.name.text, meaning((item.propertyName ?? item.name).text));
  }
  return names;
}

function countByWords(text: string): TestWords {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return {
    tests: count(/\bdef test_|\bfunc Test|@Test\b|#\[test\]|\b(?:it|test) ['"]/g),
    skipped: count(/@(?:unittest\.)?skip|\bpytest\.mark\.(?:skip|xfail)|@Disabled\b|@Ignore\b|\bt\.Skip|#\[ignore/g),
    focused: 0,
    assertions: count(/\b(?:assert|expect|should|require)\w*/gi),
  };
}
