/** Gives equal strings equal numbers, so that trees of the three versions compare in constant time. */
export class Interner {
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#ids.size);
    return this.#ids.size - 1;
  }
}

/** How a list may be merged: `free` when order means nothing; `separator` stands between (`,`) or before (`|`) its items. */
export interface ListTraits {
  readonly free: boolean;
  readonly separator: '' | ',' | '|';
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

/** The token of a leaf, without what stands before it. */
export function tokenOf(leaf: SyntaxNode): string {
  return leaf.text.slice(leaf.lead.length);
}

export function isLeaf(node: SyntaxNode): boolean {
  return node.children.length === 0;
}

/** All leaves from left to right. */
export function leavesOf(node: SyntaxNode): readonly SyntaxNode[] {
  const leaves: SyntaxNode[] = [];
  const walk = (at: SyntaxNode): void => {
    if (isLeaf(at)) leaves.push(at);
    else for (const child of at.children) walk(child);
  };
  walk(node);
  return leaves;
}
