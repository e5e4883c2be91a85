import type { Interner, SyntaxNode } from '../tree/node.ts';
import type { Outcome } from '../tree/outcome.ts';
import type { Three } from '../tree/three.ts';

/** Three versions of a file that a language has read. */
export interface OpenFile {
  readonly trees: Three<SyntaxNode>;
  merge(): Outcome;
  /** Reads a merged text; undefined when it is not valid in this language. */
  judge(merged: string): Judged | undefined;
  /** Relative modules that the merged text imports and that only one side did. */
  relativeImports?(merged: string): readonly string[];
  /** The three texts with one side's renames applied to the others, where a rename touches the unsettled places; undefined when none does. */
  renamed?(places: string): Three<string> | undefined;
}

/** A merged text and what is wrong with it that is wrong in neither side: doubly declared or unknown names, double keys, values of neither side. */
interface Judged {
  readonly tree: SyntaxNode;
  readonly faults: readonly Fault[];
}

/** A name that the merge broke. */
export interface Fault {
  readonly gate: 'unknown-name' | 'double-name' | 'double-key' | 'strange-value';
  readonly name: string;
  /** Offset of the name in the merged text. */
  readonly at: number;
}

/** A language that the merge understands: one folder, one line in the family's map. */
export interface Language {
  readonly name: string;
  handles(path: string): boolean;
  /** Undefined when one of the texts is not valid in this language; git's result then stands. */
  open(path: string, texts: Three<string>, interner: Interner): OpenFile | undefined;
}
