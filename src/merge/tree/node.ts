/** Gives equal strings equal numbers, so that trees of the three versions compare in constant time. */
export class Interner {
  readonly #ids = new Map<string, number>();
  readonly #hashes = new Map<string, Map<string, number>>();

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#ids.size);
    return this.#ids.size - 1;
  }

  /**
   * The hashes of nodes of one kind by their text, each computed once for all versions: most of a file is the same in all
   * three. By kind first, since a key joined of kind and text would be a copy of the text for every node around it.
   */
  hashesOf(kind: string): Map<string, number> {
    const known = this.#hashes.get(kind);
    if (known) return known;
    const none = new Map<string, number>();
    this.#hashes.set(kind, none);
    return none;
  }
}

/** How a list may be merged: `free` when order means nothing; `separator` stands between (`,`) or before (`|`) its items. */
export interface ListTraits {
  readonly free: boolean;
  readonly separator: '' | ',' | '|';
  /** True for arrays: two insertions at one place are proposed one after the other, as statements are. */
  readonly growing?: boolean;
}

/**
 * A piece of a source text that loses nothing: the texts of the children, joined, are the text of the node.
 * A leaf is one token with the space and comments before it.
 */
export interface SyntaxNode {
  readonly kind: string;
  readonly text: string;
  /** Equal for nodes with the same tokens, whatever their space, comments, quotes, semicolons and trailing commas. */
  readonly hash: number;
  /** Number of tokens. */
  readonly size: number;
  readonly children: readonly SyntaxNode[];
  /** Space and comments before a leaf's token; empty in inner nodes. */
  readonly lead: string;
  /** Present when the children are a list's items. */
  readonly list?: ListTraits | undefined;
  /** What names an item among its siblings: `function load`, `key port`; absent when nothing does. */
  readonly key?: string | undefined;
  /** True when this item may change place among its siblings without changing meaning. */
  readonly free?: boolean | undefined;
}

/** What an inner node is besides its children. */
export interface NodeTraits {
  readonly kind: string;
  readonly text: string;
  readonly list?: ListTraits | undefined;
  readonly key?: string | undefined;
  readonly free?: boolean | undefined;
}

/** An inner node whose children are read when first asked for: what nobody changed is never taken apart. */
export class InnerNode implements SyntaxNode {
  readonly kind: string;
  readonly text: string;
  readonly lead = '';
  readonly list: ListTraits | undefined;
  readonly key: string | undefined;
  readonly free: boolean | undefined;
  readonly #interner: Interner;
  readonly #expand: () => readonly SyntaxNode[];
  #children: readonly SyntaxNode[] | undefined;
  #hash: number | undefined;
  #size: number | undefined;
  #leaves: readonly SyntaxNode[] | undefined;

  constructor(traits: NodeTraits, interner: Interner, expand: () => readonly SyntaxNode[]) {
    this.kind = traits.kind;
    this.text = traits.text;
    this.list = traits.list;
    this.key = traits.key;
    this.free = traits.free;
    this.#interner = interner;
    this.#expand = expand;
  }

  get children(): readonly SyntaxNode[] {
    return (this.#children ??= this.#expand());
  }

  get hash(): number {
    if (this.#hash !== undefined) return this.#hash;
    const hashes = this.#interner.hashesOf(this.kind);
    this.#hash = hashes.get(this.text) ?? this.#computeHash();
    hashes.set(this.text, this.#hash);
    return this.#hash;
  }

  get size(): number {
    return (this.#size ??= this.children.reduce((sum, child) => sum + child.size, 0));
  }

  /** All leaves from left to right, kept: the code around a conflict is read again for each node around that. */
  get leaves(): readonly SyntaxNode[] {
    return (this.#leaves ??= this.#readLeaves());
  }

  #readLeaves(): readonly SyntaxNode[] {
    const leaves: SyntaxNode[] = [];
    const walk = (at: SyntaxNode): void => {
      const known = at instanceof InnerNode ? at.#leaves : undefined;
      const inner = known ?? at.children;
      if (inner.length === 0) leaves.push(at);
      else if (known) for (const leaf of known) leaves.push(leaf);
      else for (const child of inner) walk(child);
    };
    walk(this);
    return leaves;
  }

  #computeHash(): number {
    const empty = this.#interner.id('');
    const hashes: number[] = [];
    // A loop, since each call in between would cost stack where brackets nest deeply.
    for (const { hash } of this.children) if (hash !== empty) hashes.push(hash);
    if (hashes.length <= 1) return hashes[0] ?? empty;
    return this.#interner.id(`(${hashes.join(' ')})`);
  }
}

/** The token of a leaf, without what stands before it. */
export function tokenOf(leaf: SyntaxNode): string {
  return leaf.text.slice(leaf.lead.length);
}

export function isLeaf(node: SyntaxNode): boolean {
  return node.children.length === 0;
}

/** All leaves from left to right. */
export function leavesOf(node: SyntaxNode): readonly SyntaxNode[] {
  return node instanceof InnerNode ? node.leaves : isLeaf(node) ? [node] : node.children.flatMap(leavesOf);
}
