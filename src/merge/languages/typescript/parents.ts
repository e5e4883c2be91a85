import type { ts } from 'ts-morph';

/** Sets what the parser leaves out here: parents for a whole file cost a third of its parse, and most are never asked for. */
export function setParent(child: ts.Node, parent: ts.Node): void {
  // The compiler writes this field in the same way; its published types only let it be read.
  (child as { parent: ts.Node }).parent = parent;
}
