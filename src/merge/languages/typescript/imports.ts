import { ts } from 'ts-morph';
import type { SyntaxNode } from '../../tree/node.ts';
import { joinItems, itemOf } from '../../tree/separators.ts';
import { settledText } from '../../tree/outcome.ts';
import type { Three } from '../../tree/three.ts';

/** One name that an import brings into the file. */
interface Binding {
  readonly local: string;
  readonly module: string;
  /** The exported name, `default`, or `*`. */
  readonly imported: string;
  readonly typeOnly: boolean;
  /** Position of its declaration among the file's imports. */
  readonly statement: number;
  /** Position among the named imports in braces. */
  readonly element?: number;
}

/** The imports of one version: declarations, their syntax, and the names they bring. */
export interface Imports {
  readonly file: ts.SourceFile;
  readonly declarations: readonly ts.ImportDeclaration[];
  readonly items: readonly SyntaxNode[];
  readonly bindings: ReadonlyMap<string, Binding>;
}

/** Reads import declarations of a file; `items` are their list items, one each. */
export function readImports({ file, declarations, items }: Omit<Imports, 'bindings'>): Imports {
  const bindings = new Map<string, Binding>();
  declarations.forEach((declaration, statement) => {
    for (const binding of bindingsOf(declaration, statement)) bindings.set(binding.local, binding);
  });
  return { file, declarations, items, bindings };
}

function bindingsOf(declaration: ts.ImportDeclaration, statement: number): Binding[] {
  const clause = declaration.importClause;
  if (!clause) return [];
  const common = { module: moduleOf(declaration), typeOnly: clause.isTypeOnly, statement };
  const found: Binding[] = [];
  if (clause.name) found.push({ ...common, local: clause.name.text, imported: 'default' });
  const named = clause.namedBindings;
  if (named && ts.isNamespaceImport(named)) found.push({ ...common, local: named.name.text, imported: '*' });
  if (named && ts.isNamedImports(named)) {
    named.elements.forEach((one, element) => {
      const imported = (one.propertyName ?? one.name).text;
      found.push({ ...common, local: one.name.text, imported, typeOnly: clause.isTypeOnly || one.isTypeOnly, element });
    });
  }
  return found;
}

function moduleOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : '';
}

/** Where each name comes from in the merge; `side` is the version whose import is taken. */
export type ImportPlan = ReadonlyMap<string, { readonly binding: Binding; readonly side: 'ours' | 'theirs' }>;

/** Bodies without imports, to see which names are in use. */
export interface Bodies extends Three<string> {
  readonly merged: string;
}

/**
 * Decides name by name, as for sets: what one side added is added, what one side removed is removed, unless the merged
 * body uses it; what nothing uses any more goes. Undefined when both sides import one name from different places.
 */
export function planImports(three: Three<Imports>, bodies: Bodies): ImportPlan | undefined {
  const plan = new Map<string, { binding: Binding; side: 'ours' | 'theirs' }>();
  const words = {
    base: wordsOf(bodies.base),
    ours: wordsOf(bodies.ours),
    theirs: wordsOf(bodies.theirs),
    merged: wordsOf(bodies.merged),
  };
  for (const local of new Set([...three.ours.bindings.keys(), ...three.theirs.bindings.keys()])) {
    const base = three.base.bindings.get(local);
    const ours = three.ours.bindings.get(local);
    const theirs = three.theirs.bindings.get(local);
    const used = words.merged.has(local);
    if (ours && theirs) {
      const choice = chooseSource(base, ours, theirs);
      if (!choice) return undefined;
      plan.set(local, choice);
    } else {
      const side = ours ? 'ours' : 'theirs';
      const binding = ours ?? theirs;
      if (!binding) continue;
      const wasUsed = words[side].has(local);
      const redeclared = base !== undefined && words[side === 'ours' ? 'theirs' : 'ours'].has(local);
      // Deleted by the other side: it stays only when the merged body still needs it. Added: it goes only when nothing uses it.
      const keep = base ? used && !redeclared : used || !wasUsed;
      if (keep) plan.set(local, { binding, side });
    }
  }
  return plan;
}

function chooseSource(
  base: Binding | undefined,
  ours: Binding,
  theirs: Binding,
): { binding: Binding; side: 'ours' | 'theirs' } | undefined {
  const place = (one: Binding | undefined): string => (one ? `${one.module} ${one.imported}` : '');
  const same = (a: Binding | undefined, b: Binding | undefined): boolean =>
    place(a) === place(b) && a?.typeOnly === b?.typeOnly;
  if (same(ours, theirs) || same(theirs, base)) return { binding: ours, side: 'ours' };
  if (same(ours, base)) return { binding: theirs, side: 'theirs' };
  if (place(ours) === place(theirs))
    return ours.typeOnly ? { binding: theirs, side: 'theirs' } : { binding: ours, side: 'ours' };
  if (place(theirs) === place(base)) return { binding: ours, side: 'ours' };
  return place(ours) === place(base) ? { binding: theirs, side: 'theirs' } : undefined;
}

/** Every word of a text, comments included: a name that only a comment mentions counts as used. */
function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
}

/** One import in the merged file: the syntax it is cut from and the names it keeps or gains. */
interface Entry {
  readonly imports: Imports;
  readonly statement: number;
  readonly keep: readonly Binding[];
  readonly gain: readonly { readonly binding: Binding; readonly imports: Imports }[];
}

/** Writes the planned imports by cutting and joining the sides' own text: ours in order, what is new of theirs behind its neighbour. */
export function writeImports(three: Three<Imports>, plan: ImportPlan): readonly string[] {
  const open = new Set(plan.keys());
  const entries: Entry[] = [];
  three.ours.declarations.forEach((declaration, statement) => {
    const keep = keptBindings(three.ours, statement, plan, open);
    if (keep.length > 0 || keepsEffect(three, declaration))
      entries.push({ imports: three.ours, statement, keep, gain: [] });
  });
  three.theirs.declarations.forEach((declaration, statement) => {
    let keep = keptBindings(three.theirs, statement, plan, open);
    const home = entries.findIndex((entry) => isHome(entry, declaration));
    if (home >= 0) {
      const named = keep.filter((binding) => binding.element !== undefined);
      const gain = [...entries[home]!.gain, ...named.map((binding) => ({ binding, imports: three.theirs }))];
      entries[home] = { ...entries[home]!, gain };
      keep = keep.filter((binding) => binding.element === undefined);
    }
    const isNewEffect = !declaration.importClause && isNew(three, declaration);
    if (keep.length > 0 || isNewEffect)
      entries.splice(placeFor(entries, three.theirs, statement), 0, {
        imports: three.theirs,
        statement,
        keep,
        gain: [],
      });
  });
  return entries.map(entryText);
}

/** The planned names that this declaration provides; takes them out of `open`. */
function keptBindings(imports: Imports, statement: number, plan: ImportPlan, open: Set<string>): Binding[] {
  const kept: Binding[] = [];
  for (const binding of imports.bindings.values()) {
    if (binding.statement !== statement || !open.has(binding.local)) continue;
    const wanted = plan.get(binding.local)?.binding;
    const same =
      wanted?.module === binding.module && wanted.imported === binding.imported && wanted.typeOnly === binding.typeOnly;
    if (!same) continue;
    open.delete(binding.local);
    kept.push(binding);
  }
  return kept;
}

function keepsEffect(three: Three<Imports>, declaration: ts.ImportDeclaration): boolean {
  if (declaration.importClause) return declaration.importClause.namedBindings !== undefined && !hasNames(declaration);
  const has = (imports: Imports): boolean => hasEffect(imports, moduleOf(declaration));
  return has(three.theirs) || !has(three.base);
}

function hasNames(declaration: ts.ImportDeclaration): boolean {
  return bindingsOf(declaration, 0).length > 0;
}

function hasEffect(imports: Imports, module: string): boolean {
  return imports.declarations.some((one) => !one.importClause && moduleOf(one) === module);
}

function isNew(three: Three<Imports>, declaration: ts.ImportDeclaration): boolean {
  return !hasEffect(three.base, moduleOf(declaration)) && !hasEffect(three.ours, moduleOf(declaration));
}

/** True when names from that declaration can join this entry's braces. */
function isHome(entry: Entry, declaration: ts.ImportDeclaration): boolean {
  const mine = entry.imports.declarations[entry.statement]!;
  const named = mine.importClause?.namedBindings;
  return (
    moduleOf(mine) === moduleOf(declaration) &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    mine.importClause?.isTypeOnly === declaration.importClause?.isTypeOnly
  );
}

/** Behind the entry of the nearest import that stands above it on its own side, else at the end. */
function placeFor(entries: readonly Entry[], theirs: Imports, statement: number): number {
  for (let above = statement - 1; above >= 0; above--) {
    const module = moduleOf(theirs.declarations[above]!);
    const at = entries.findLastIndex((entry) => moduleOf(entry.imports.declarations[entry.statement]!) === module);
    if (at >= 0) return at + 1;
  }
  return entries.length;
}

function entryText(entry: Entry): string {
  const declaration = entry.imports.declarations[entry.statement]!;
  const item = entry.imports.items[entry.statement]!;
  const all = bindingsOf(declaration, entry.statement);
  if (entry.keep.length === all.length && entry.gain.length === 0) return item.text;
  const list = findKind(item, 'NamedImports')?.children.find((child) => child.list);
  const kept = new Set(entry.keep.map((binding) => binding.local));
  const dropsDefault = all.some(
    (binding) => binding.imported === 'default' && binding.element === undefined && !kept.has(binding.local),
  );
  const names = list ? namesText(entry, list) : '';
  if (list && !dropsDefault && names !== '') return replaceText(item, list, names);
  return rebuilt(entry, names);
}

function namesText(entry: Entry, list: SyntaxNode): string {
  const kept = entry.keep.flatMap((binding) =>
    binding.element === undefined ? [] : [list.children[binding.element]!],
  );
  const lead = list.children[0]?.children[0]?.text ?? ' ';
  const gained = entry.gain.flatMap(({ binding, imports }) => {
    const from = findKind(imports.items[binding.statement]!, 'NamedImports')?.children.find((child) => child.list);
    const item = binding.element === undefined ? undefined : from?.children[binding.element];
    return item ? [{ ...itemOf(item), lead: { pieces: [lead], steps: [] } }] : [];
  });
  const items = [...kept.map(itemOf), ...gained];
  return items.length === 0 ? '' : settledText(joinItems(items, { base: list, ours: list, theirs: list }));
}

/** A declaration that lost its default or all its names in braces: the parts that stay, in the language's fixed order. */
function rebuilt(entry: Entry, names: string): string {
  const declaration = entry.imports.declarations[entry.statement]!;
  const item = entry.imports.items[entry.statement]!;
  const plain = entry.keep.filter((binding) => binding.element === undefined);
  const parts = plain.map((binding) => (binding.imported === '*' ? `* as ${binding.local}` : binding.local));
  if (names.trim() !== '') parts.push(`{ ${names.trim().replace(/,$/, '')} }`);
  const start = declaration.getStart(entry.imports.file);
  const text = declaration.getText(entry.imports.file);
  const clause = declaration.importClause;
  const from = text.indexOf('from', (clause?.end ?? start) - start);
  const type = clause?.isTypeOnly === true ? 'type ' : '';
  const [lead, tail] = [item.children[0]?.text ?? '', item.children.at(-1)?.text ?? ''];
  return `${lead}import ${type}${parts.join(', ')} ${text.slice(from)}${tail}`;
}

function findKind(node: SyntaxNode, kind: string): SyntaxNode | undefined {
  if (node.kind === kind) return node;
  for (const child of node.children) {
    const found = findKind(child, kind);
    if (found) return found;
  }
  return undefined;
}

/** The text of `node` with the text of its descendant `part` replaced. */
function replaceText(node: SyntaxNode, part: SyntaxNode, text: string): string {
  if (node === part) return text;
  if (node.children.length === 0) return node.text;
  return node.children.map((child) => replaceText(child, part, text)).join('');
}
