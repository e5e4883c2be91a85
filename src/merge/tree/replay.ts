import { wordsOf } from '../text/words.ts';
import { likeness } from './align.ts';
import type { Bags } from './align.ts';
import { freshNodes } from './fresh.ts';
import { mergeNode } from './merge.ts';
import { isLeaf, leavesOf } from './node.ts';
import type { Interner, SyntaxNode } from './node.ts';
import { isConflict, isSettled, settledText } from './outcome.ts';
import type { Conflict, Outcome, Step } from './outcome.ts';
import { changedPairs, innerPairs } from './pairs.ts';
import type { Pair } from './pairs.ts';
import type { Three } from './three.ts';

/** Versions in which no side's edit meets the other side's move or deletion any more, and what that took. */
export interface Replay {
  readonly texts: Three<string>;
  readonly steps: readonly Step[];
}

type Side = 'ours' | 'theirs';

/** Fewer tokens than this may stand in two places by chance. */
const FEWEST_TOKENS = 30;
/** From this likeness on a changed piece of code counts as found again. */
const FOUND_AGAIN = 0.75;
/** Pieces further apart in size than this share cannot be that alike. */
const NEAR = 0.6;
/** So many pieces are compared for one file; beyond that the whole file was rewritten, and a person looks. */
const MOST_COMPARED = 2_000;
const MOST_CONFLICTS = 50;

/**
 * Where one side edited code that the other moved, wrapped or drew out, the edit is applied where that code stands now,
 * and taken out of its old place; where one side only took away parts of what the other deleted, nothing is left to do.
 * Undefined when some edit has no such place, or more than one.
 */
export function replay(trees: Three<SyntaxNode>, outcome: Outcome, interner: Interner): Replay | undefined {
  const conflicts = outcome.pieces.filter(isConflict);
  if (conflicts.length > MOST_CONFLICTS) return undefined;
  const work = new Work(trees, interner);
  for (const one of conflicts) if (!work.settle(one, 'theirs') && !work.settle(one, 'ours')) return undefined;
  return work.done();
}

/** The edits that a replay makes in each version, collected before any is made. */
class Work {
  readonly #trees: Three<SyntaxNode>;
  readonly #interner: Interner;
  readonly #edits = { ours: new Map<SyntaxNode, string>(), theirs: new Map<SyntaxNode, string>() };
  readonly #steps: Step[] = [];
  readonly #fresh: Partial<Record<Side, ReadonlyMap<string, readonly SyntaxNode[]>>> = {};
  readonly #bags: Bags = new Map();
  #compared = 0;

  constructor(trees: Three<SyntaxNode>, interner: Interner) {
    this.#trees = trees;
    this.#interner = interner;
  }

  /** Undefined where one edit lies within another. */
  done(): Replay | undefined {
    const ours = withReplaced(this.#trees.ours, this.#edits.ours);
    const theirs = withReplaced(this.#trees.theirs, this.#edits.theirs);
    if (ours === undefined || theirs === undefined) return undefined;
    return { texts: { base: this.#trees.base.text, ours, theirs }, steps: this.#steps };
  }

  /** True when every edit that `editor` made at this place has found its place in the other version. */
  settle({ nodes }: Conflict, editor: Side): boolean {
    const pairs = changedPairs(nodes.base, nodes[editor], this.#interner);
    if (pairs.length === 0) return false;
    const found = pairs.map((pair) => this.#place(pair, editor));
    if (!found.every((one) => one !== undefined)) return false;
    for (const edit of found.flat()) {
      if (edit.at && this.#edits[other(editor)].has(edit.at)) return false;
      this.#edits[editor].set(edit.edited, edit.base.text);
      if (edit.at) this.#edits[other(editor)].set(edit.at, edit.text);
      this.#steps.push({ rule: edit.at ? 'moved' : 'deeper', size: edit.edited.size });
    }
    return true;
  }

  #place(pair: Pair, editor: Side): readonly Edit[] | undefined {
    const at = this.#found(pair.base, other(editor));
    if (at) {
      const { base, edited } = pair;
      const three = editor === 'ours' ? { base, ours: edited, theirs: at } : { base, ours: at, theirs: edited };
      const merged = mergeNode(three, this.#interner);
      if (isSettled(merged)) return [{ ...pair, at, text: settledText(merged) }];
    }
    const inner = innerPairs(pair, this.#interner)?.map((one) => this.#place(one, editor));
    if (inner?.every((one) => one !== undefined)) return inner.flat();
    return this.#isDeeper(pair, editor) ? [{ ...pair, at: undefined, text: '' }] : undefined;
  }

  /** The one place where a piece of base stands in the other version now. */
  #found(base: SyntaxNode, side: Side): SyntaxNode | undefined {
    if (base.size < FEWEST_TOKENS) return undefined;
    const same = this.#freshOf(side).get(base.kind) ?? [];
    const exact = same.filter((node) => node.hash === base.hash);
    if (exact.length > 0) return exact.length === 1 ? exact[0] : undefined;
    const near = same.filter(({ size }) => size >= base.size * NEAR && base.size >= size * NEAR);
    this.#compared += near.length;
    if (this.#compared > MOST_COMPARED) return undefined;
    const alike = near.filter((node) => likeness(node, base, this.#bags) >= FOUND_AGAIN);
    return alike.length === 1 ? alike[0] : undefined;
  }

  #freshOf(side: Side): ReadonlyMap<string, readonly SyntaxNode[]> {
    const nodes = (): readonly SyntaxNode[] => freshNodes(this.#trees.base, this.#trees[side], this.#interner);
    return (this.#fresh[side] ??= Map.groupBy(nodes(), (node) => node.kind));
  }

  /** The edit only took tokens away, and the other version has lost at least those. */
  #isDeeper({ base, edited }: Pair, editor: Side): boolean {
    const [before, after] = [tokensOf(base), tokensOf(edited)];
    let kept = 0;
    for (const hash of before) if (hash === after[kept]) kept++;
    if (kept < after.length) return false;
    const gone = countsOf(base.text);
    for (const [word, count] of countsOf(edited.text)) gone.set(word, (gone.get(word) ?? 0) - count);
    const [was, is] = [countsOf(this.#trees.base.text), countsOf(this.#trees[other(editor)].text)];
    return [...gone].every(([word, count]) => count <= 0 || (was.get(word) ?? 0) - (is.get(word) ?? 0) >= count);
  }
}

interface Edit extends Pair {
  readonly at: SyntaxNode | undefined;
  readonly text: string;
}

function other(side: Side): Side {
  return side === 'ours' ? 'theirs' : 'ours';
}

function tokensOf(node: SyntaxNode): readonly number[] {
  return leavesOf(node).flatMap((leaf) => (leaf.size > 0 ? [leaf.hash] : []));
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) {
    if (/[\p{L}\p{N}_$]/u.test(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** The text of a tree with the texts of some of its nodes replaced; undefined where one of them lies within another. */
function withReplaced(tree: SyntaxNode, texts: ReadonlyMap<SyntaxNode, string>): string | undefined {
  if (texts.size === 0) return tree.text;
  let replaced = 0;
  const textOf = (node: SyntaxNode): string => {
    const text = texts.get(node);
    if (text !== undefined) replaced++;
    return text ?? (isLeaf(node) ? node.text : node.children.map(textOf).join(''));
  };
  const text = textOf(tree);
  return replaced === texts.size ? text : undefined;
}
