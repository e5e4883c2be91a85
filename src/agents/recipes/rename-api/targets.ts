import { ts } from '@ts-morph/common';
import { declarationsBehind } from './meaning.ts';
import { fromCompiler, isOurs } from './places.ts';
import type { Project } from './project.ts';

/** One thing of the repository that carries a name: all its declarations (overloads, merged interfaces), wherever they stand. */
export interface Target {
  readonly declarations: ReadonlySet<ts.Node>;
  /** Files that declare it, or export it, under the name. */
  readonly files: ReadonlySet<string>;
  /** False when a library declares it, and the repository only passes it on. */
  readonly ours: boolean;
}

/** What modules declare at their top level, or export, under this name. */
export function findTargets(project: Project, name: string): readonly Target[] {
  const checker = project.program().getTypeChecker();
  const groups: { readonly declarations: Set<ts.Node>; readonly files: Set<string> }[] = [];
  for (const source of project.sources()) {
    if (!source.text.includes(name)) continue;
    for (const symbol of symbolsIn(source, name, checker)) {
      const declarations = declarationsBehind(symbol, checker);
      if (declarations.length === 0) continue;
      let group = groups.find((each) => declarations.some((declaration) => each.declarations.has(declaration)));
      if (group === undefined) groups.push((group = { declarations: new Set(), files: new Set() }));
      for (const declaration of declarations) group.declarations.add(declaration);
      group.files.add(fromCompiler(source.fileName));
    }
  }
  const isOurTarget = (declarations: ReadonlySet<ts.Node>): boolean =>
    [...declarations].every((declaration) => isOurs(declaration.getSourceFile().fileName));
  return groups.map((group) => ({ ...group, ours: isOurTarget(group.declarations) }));
}

/** `src/users.ts:12` for each declaration. */
export function placesOf(target: Target): readonly string[] {
  return [...target.declarations].map(placeOf);
}

function placeOf(node: ts.Node): string {
  const source = node.getSourceFile();
  return `${fromCompiler(source.fileName)}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}

/** Names declared at the top level of modules, for suggesting one that is near. */
export function allNames(project: Project): ReadonlySet<string> {
  return new Set(project.sources().flatMap((source) => topLevelNames(source.statements).map((id) => id.text)));
}

function symbolsIn(source: ts.SourceFile, name: string, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const declared = topLevelNames(source.statements).filter((id) => id.text === name);
  const own = declared.map((id) => checker.getSymbolAtLocation(id));
  // `export { other as name }`, and what CommonJS modules put on `exports`.
  const exported = checker.getSymbolAtLocation(source)?.exports?.get(ts.escapeLeadingUnderscores(name));
  return [...own, exported].filter((symbol) => symbol !== undefined);
}

/** Identifiers that name what a module or namespace declares directly in it; imports are not among them. */
export function topLevelNames(statements: readonly ts.Statement[]): readonly ts.Identifier[] {
  return statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap((each) => boundNames(each.name));
    const isNamed =
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement);
    return isNamed && statement.name !== undefined && ts.isIdentifier(statement.name) ? [statement.name] : [];
  });
}

function boundNames(name: ts.BindingName): readonly ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}
