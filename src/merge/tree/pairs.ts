import { align } from './align.ts';
import { partnerOf } from './items.ts';
import { isLeaf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';

/** A piece of base and what one side made of it. */
export interface Pair {
  readonly base: SyntaxNode;
  readonly edited: SyntaxNode;
}

/** What one side changed of a sequence; items that it added or took away have no partner. */
export function changedPairs(
  before: readonly SyntaxNode[],
  after: readonly SyntaxNode[],
  interner: Interner,
): readonly Pair[] {
  if (before.length === 1 && after.length === 1) return [{ base: before[0]!, edited: after[0]! }];
  const alignment = align(before, after, interner);
  return before.flatMap((base, i) => {
    const edited = partnerOf(alignment, after, i);
    return edited && edited.hash !== base.hash ? [{ base, edited }] : [];
  });
}

/** The changed parts of a changed piece; undefined where something was added or taken away beside them. */
export function innerPairs({ base, edited }: Pair, interner: Interner): readonly Pair[] | undefined {
  if (isLeaf(base) || isLeaf(edited) || base.kind !== edited.kind) return undefined;
  if (base.children.length !== edited.children.length) return undefined;
  if (!base.list) {
    return base.children.flatMap((child, i) =>
      child.hash === edited.children[i]!.hash ? [] : [{ base: child, edited: edited.children[i]! }],
    );
  }
  const alignment = align(base.children, edited.children, interner);
  const pairs = base.children.map((child, i) => ({ base: child, edited: partnerOf(alignment, edited.children, i) }));
  if (!pairs.every((pair): pair is Pair => pair.edited !== undefined)) return undefined;
  return pairs.filter((pair) => pair.base.hash !== pair.edited.hash);
}
