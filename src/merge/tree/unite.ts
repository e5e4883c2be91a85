import { InnerNode, isLeaf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';

/** An item without what its order-free lists hold: the base of two items that both sides added under one name. */
function emptied(node: SyntaxNode, interner: Interner): SyntaxNode {
  if (isLeaf(node)) return node;
  const children = node.list?.free === true ? [] : node.children.map((child) => emptied(child, interner));
  const text = children.map((child) => child.text).join('');
  const { kind, list, key, free } = node;
  return new InnerNode({ kind, text, list, key, free }, interner, () => children);
}

/** What both items would be without their members; undefined where they differ in anything else. */
export function commonFrame(ours: SyntaxNode, theirs: SyntaxNode, interner: Interner): SyntaxNode | undefined {
  const frame = emptied(ours, interner);
  return frame.hash === emptied(theirs, interner).hash && frame.text !== ours.text ? frame : undefined;
}
