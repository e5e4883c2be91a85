import { align } from './align.ts';
import { partnerOf } from './items.ts';
import { isLeaf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';

/** The nodes of `after` that stand in no place of `before`: what was written, wrapped or brought from elsewhere. */
export function freshNodes(before: SyntaxNode, after: SyntaxNode, interner: Interner): readonly SyntaxNode[] {
  const fresh: SyntaxNode[] = [];
  const takeAll = (node: SyntaxNode): void => {
    if (isLeaf(node)) return;
    fresh.push(node);
    for (const child of node.children) takeAll(child);
  };
  const compare = (old: SyntaxNode, now: SyntaxNode): void => {
    if (old.text === now.text || isLeaf(now)) return;
    const known = new Map<SyntaxNode, SyntaxNode>();
    if (!old.list && !now.list && old.children.length === now.children.length) {
      now.children.forEach((child, i) => known.set(child, old.children[i]!));
    } else {
      const alignment = align(old.children, now.children, interner);
      old.children.forEach((child, i) => {
        const partner = partnerOf(alignment, now.children, i);
        if (partner) known.set(partner, child);
      });
    }
    for (const child of now.children) {
      const partner = known.get(child);
      if (partner?.kind === child.kind) compare(partner, child);
      else takeAll(child);
    }
  };
  compare(before, after);
  return fresh;
}
