import {
  type CallExpression,
  Node,
  type ParameterDeclaration,
  type ReferenceFindableNode,
  type SourceFile,
  SyntaxKind,
} from 'ts-morph';

/** A place from which an effect can be reached without a decision. */
export interface Finding {
  /** `Forge.pushBranch`. */
  readonly effect: string;
  /** From the function that has the effect outwards, as far as nobody is known to have decided: `a.ts#one < b.ts#two`. */
  readonly way: string;
}

type Findable = Node & ReferenceFindableNode;

/** A way that is known and right, with its reason. */
export interface Exception {
  readonly effect: string;
  /** Any function on the way. */
  readonly from: string;
  readonly why: string;
}

/** Functions whose argument at these positions runs only after policy has allowed it. */
const PERFORMERS: { readonly [name: string]: readonly number[] } = {
  'src/app/perform.ts#performForEach': [2],
  'src/app/perform.ts#perform': [2],
  'src/app/perform.ts#permit': [2],
  'src/app/road.ts#Road.perform': [3, 4],
};

/** Types of functions that are handed to a room by the application, which decides each step that the room takes by them. */
const STEPS: { readonly [type: string]: readonly number[] } = { 'src/train/land.ts#DurableStep': [1] };

/** Follows the callers of effects outwards until each is seen to run behind a decision. */
export class Reach {
  readonly #root: string;
  readonly #exceptions: readonly Exception[];
  #effect = '';
  #actions: readonly string[] = [];
  /** Exceptions that were met. */
  readonly met = new Set<Exception>();

  constructor(options: { readonly root: string; readonly exceptions: readonly Exception[] }) {
    this.#root = options.root;
    this.#exceptions = options.exceptions;
  }

  /** Every way to the effect, from application, command line, server and the rooms that are handed it, on which none of the actions is decided. */
  findings(effect: string, declaration: Findable, actions: readonly string[]): readonly Finding[] {
    this.#effect = effect;
    this.#actions = actions;
    const open = new Set<string>();
    for (const use of this.#uses(declaration)) for (const way of this.#undecided(use, new Set())) open.add(way);
    return [...open].sort().map((way) => ({ effect, way }));
  }

  nameOf(node: Node): string {
    const file = node.getSourceFile().getFilePath().replace(this.#root, '');
    return `${file}#${localName(node)}`;
  }

  /** References that do something: no import, no export, no definition of a member. */
  #uses(declaration: Findable): readonly Node[] {
    return declaration.findReferencesAsNodes().filter((node) => {
      const file = node.getSourceFile().getFilePath().replace(this.#root, '');
      if (!/^src\/(app|cli|server|train)\//.test(file) || file.endsWith('.test.ts')) return false;
      const parent = node.getParent();
      if (Node.isImportSpecifier(parent) || Node.isExportSpecifier(parent)) return false;
      const defines =
        Node.isPropertyAssignment(parent) || Node.isMethodSignature(parent) || Node.isPropertySignature(parent);
      return !(defines && parent.getNameNode() === node);
    });
  }

  /** The outermost functions over a place that nobody has decided; empty when each way to it is decided. */
  #undecided(place: Node, seen: Set<Node>): readonly string[] {
    for (let node = place; ;) {
      if (this.#runsDecided(node, seen)) return [];
      const name = definition(node);
      if (name !== undefined) return this.#callersOf(name, seen);
      const parent = node.getParent();
      if (parent === undefined) return [this.nameOf(place)];
      node = parent;
    }
  }

  #callersOf(definedBy: Findable, seen: Set<Node>): readonly string[] {
    const name = this.nameOf(definedBy);
    const exception = this.#exceptions.find(({ effect, from }) => effect === this.#effect && from === name);
    if (exception !== undefined) {
      this.met.add(exception);
      return [];
    }
    if (seen.has(definedBy)) return [];
    seen.add(definedBy);
    const callers = this.#uses(definedBy).filter((use) => use.getParent() !== definedBy);
    if (callers.length === 0) return [name];
    return callers.flatMap((use) => this.#undecided(use, seen)).map((way) => `${name} < ${way.split(' < ')[0] ?? ''}`);
  }

  /** True for an argument that its callee runs behind a decision only. */
  #runsDecided(node: Node, seen: Set<Node>): boolean {
    const call = node.getParent();
    if (!Node.isCallExpression(call)) return false;
    const position = call.getArguments().indexOf(node);
    if (position < 0) return false;
    return calleesOf(call).some((callee) => {
      const name = this.nameOf(callee);
      if (PERFORMERS[name]?.includes(position) === true) return this.#allows(call);
      if (Node.isParameterDeclaration(callee)) return this.#isStep(callee, position);
      const parameter = Node.isParametered(callee) ? callee.getParameters()[position] : undefined;
      return parameter !== undefined && callbackOf(node) && this.#decidesItself(parameter, seen);
    });
  }

  /** False when the decision is written beside the effect and is about another action. */
  #allows(call: CallExpression): boolean {
    const action = call
      .getArguments()
      .map(actionIn)
      .find((text) => text !== undefined);
    return action === undefined || this.#actions.includes(action);
  }

  #isStep(parameter: ParameterDeclaration, position: number): boolean {
    const alias = parameter.getType().getAliasSymbol()?.getDeclarations()[0];
    return alias !== undefined && STEPS[this.nameOf(alias)]?.includes(position) === true;
  }

  /** A function that takes a callback and runs it behind a decision of its own is as good as `perform`. */
  #decidesItself(parameter: ParameterDeclaration, seen: Set<Node>): boolean {
    if (seen.has(parameter)) return false;
    seen.add(parameter);
    const uses = parameter
      .findReferencesAsNodes()
      .filter((use) => use.getParent() !== parameter && use.getSourceFile() === parameter.getSourceFile());
    return uses.length > 0 && uses.every((use) => this.#lexicallyDecided(use, seen));
  }

  #lexicallyDecided(place: Node, seen: Set<Node>): boolean {
    for (let node: Node | undefined = place; node !== undefined; node = node.getParent()) {
      if (this.#runsDecided(node, seen)) return true;
    }
    return false;
  }
}

function callbackOf(node: Node): boolean {
  return Node.isArrowFunction(node) || Node.isFunctionExpression(node) || Node.isIdentifier(node);
}

/** `'change.push'` itself, or the `name` of a request that is written out here. */
function actionIn(argument: Node): string | undefined {
  if (Node.isStringLiteral(argument))
    return argument.getLiteralText().includes('.') ? argument.getLiteralText() : undefined;
  const given = plain(argument);
  const holder = Node.isIdentifier(given) ? given.getSymbol()?.getValueDeclaration() : undefined;
  const object = Node.isVariableDeclaration(holder) ? plain(holder.getInitializer()) : given;
  const name = Node.isObjectLiteralExpression(object) ? object.getProperty('name') : undefined;
  const value = Node.isPropertyAssignment(name) ? plain(name.getInitializer()) : undefined;
  return Node.isStringLiteral(value) ? value.getLiteralText() : undefined;
}

function plain(node: Node | undefined): Node | undefined {
  return Node.isAsExpression(node) || Node.isSatisfiesExpression(node) ? plain(node.getExpression()) : node;
}

/** What defines the function around a place by a name: a function, a method, or a constant that holds one. */
function definition(node: Node): Findable | undefined {
  if (Node.isFunctionDeclaration(node) || Node.isMethodDeclaration(node) || Node.isGetAccessorDeclaration(node))
    return node;
  const holder = node.getParent();
  const held = Node.isArrowFunction(node) || Node.isFunctionExpression(node);
  return held && Node.isVariableDeclaration(holder) ? holder : undefined;
}

function calleesOf(call: CallExpression): readonly Node[] {
  const callee = call.getExpression();
  const name = Node.isPropertyAccessExpression(callee) ? callee.getNameNode() : callee;
  const symbol = name.getSymbol();
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations() ?? [];
}

function localName(node: Node): string {
  const own = Node.hasName(node) ? node.getName() : node.getKindName();
  const type = node.getFirstAncestor((up) => Node.isClassDeclaration(up) || Node.isInterfaceDeclaration(up));
  return type !== undefined && Node.hasName(type) ? `${type.getName()}.${own}` : own;
}

/** The declarations of a port's members by name, for `src/x.ts#Type` or `src/x.ts#Type.member`. */
export function membersOf(file: SourceFile, path: string): ReadonlyMap<string, Findable> {
  const [type = '', inner] = path.split('.');
  const declared = file.getInterfaceOrThrow(type);
  const literal = inner === undefined ? undefined : declared.getPropertyOrThrow(inner).getTypeNodeOrThrow();
  const holder = literal?.asKindOrThrow(SyntaxKind.TypeLiteral) ?? declared;
  return new Map([...holder.getMethods(), ...holder.getProperties()].map((member) => [member.getName(), member]));
}
