/** A run of equal elements: `length` elements from `left` on in one sequence and from `right` on in the other. */
export interface Run {
  readonly left: number;
  readonly right: number;
  readonly length: number;
}

interface Window {
  readonly l0: number;
  readonly l1: number;
  readonly r0: number;
  readonly r1: number;
}

const MAX_EDITS = 1_200;

/**
 * Runs of equal elements in the order of both sequences: elements that are unique on both sides anchor first
 * (patience diff, Cohen 2010), what lies between goes through Myers' O(ND) algorithm (1986).
 * Past 1,200 edits between two anchors the window counts as rewritten, which bounds time and memory.
 */
export function diffRuns(left: readonly number[], right: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  const work: Window[] = [{ l0: 0, l1: left.length, r0: 0, r1: right.length }];
  while (work.length > 0) {
    const window = work.pop();
    if (!window) break;
    const inner = trimEqualEnds(left, right, window, runs);
    if (inner.l0 >= inner.l1 || inner.r0 >= inner.r1) continue;
    const anchors = uniqueAnchors(left, right, inner);
    if (anchors.length === 0) {
      runs.push(...myers(left, right, inner));
      continue;
    }
    let { l0, r0 } = inner;
    for (const anchor of anchors) {
      work.push({ l0, l1: anchor.left, r0, r1: anchor.right });
      runs.push({ left: anchor.left, right: anchor.right, length: 1 });
      l0 = anchor.left + 1;
      r0 = anchor.right + 1;
    }
    work.push({ l0, l1: inner.l1, r0, r1: inner.r1 });
  }
  return joinRuns(runs);
}

/** For each element of the left sequence its partner's index in the right one, or -1. */
export function partners(left: readonly number[], right: readonly number[]): Int32Array {
  const partner = new Int32Array(left.length).fill(-1);
  for (const run of diffRuns(left, right)) {
    for (let k = 0; k < run.length; k++) partner[run.left + k] = run.right + k;
  }
  return partner;
}

function trimEqualEnds(left: readonly number[], right: readonly number[], window: Window, runs: Run[]): Window {
  let { l0, l1, r0, r1 } = window;
  while (l0 < l1 && r0 < r1 && left[l0] === right[r0]) {
    l0++;
    r0++;
  }
  if (l0 > window.l0) runs.push({ left: window.l0, right: window.r0, length: l0 - window.l0 });
  while (l0 < l1 && r0 < r1 && left[l1 - 1] === right[r1 - 1]) {
    l1--;
    r1--;
  }
  if (l1 < window.l1) runs.push({ left: l1, right: r1, length: window.l1 - l1 });
  return { l0, l1, r0, r1 };
}

function joinRuns(runs: Run[]): Run[] {
  runs.sort((a, b) => a.left - b.left);
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last && last.left + last.length === run.left && last.right + last.length === run.right) {
      joined[joined.length - 1] = { ...last, length: last.length + run.length };
    } else joined.push(run);
  }
  return joined;
}

function uniqueAnchors(left: readonly number[], right: readonly number[], { l0, l1, r0, r1 }: Window) {
  if (l1 - l0 + (r1 - r0) < 64) return [];
  const inLeft = uniquePositions(left, l0, l1);
  const inRight = uniquePositions(right, r0, r1);
  const pairs: { left: number; right: number }[] = [];
  for (const [element, at] of inLeft) {
    const other = inRight.get(element);
    if (at >= 0 && other !== undefined && other >= 0) pairs.push({ left: at, right: other });
  }
  pairs.sort((a, b) => a.left - b.left);
  return longestIncreasing(pairs);
}

function uniquePositions(sequence: readonly number[], from: number, to: number): Map<number, number> {
  const positions = new Map<number, number>();
  for (let at = from; at < to; at++) positions.set(sequence[at]!, positions.has(sequence[at]!) ? -1 : at);
  return positions;
}

/** The longest chain of pairs that rises on both sides (patience sorting). */
function longestIncreasing<P extends { left: number; right: number }>(pairs: readonly P[]): P[] {
  const piles: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach((pair, index) => {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[piles[middle]!]!.right < pair.right) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[index] = piles[low - 1]!;
    piles[low] = index;
  });
  const chain: P[] = [];
  for (let at = piles.at(-1) ?? -1; at >= 0; at = before[at]!) chain.push(pairs[at]!);
  return chain.reverse();
}

function myers(left: readonly number[], right: readonly number[], { l0, l1, r0, r1 }: Window): Run[] {
  const n = l1 - l0;
  const m = r1 - r0;
  if (leastEdits(left, right, { l0, l1, r0, r1 }) > MAX_EDITS) return [];
  const max = Math.min(n + m, MAX_EDITS);
  const furthest = new Int32Array(2 * max + 3);
  let trace = new Int32Array(Math.min(rowOf(max + 1), 16_384));
  for (let d = 0; d <= max; d++) {
    if (rowOf(d + 1) > trace.length) trace = enlarged(trace);
    trace.set(furthest.subarray(max - d, max + d + 3), rowOf(d));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest[max + k]! < furthest[max + k + 2]!);
      let x = down ? furthest[max + k + 2]! : furthest[max + k]! + 1;
      while (x < n && x - k < m && left[l0 + x] === right[r0 + x - k]) x++;
      furthest[max + k + 1] = x;
      if (x >= n && x - k >= m) return backtrack(trace, { n, m, d, l0, r0 });
    }
  }
  return [];
}

/** No fewer edits than this can make one window of the other: elements that it has too many or too few of. */
function leastEdits(left: readonly number[], right: readonly number[], { l0, l1, r0, r1 }: Window): number {
  if (l1 - l0 + (r1 - r0) <= MAX_EDITS) return 0;
  const surplus = new Map<number, number>();
  for (let at = l0; at < l1; at++) surplus.set(left[at]!, (surplus.get(left[at]!) ?? 0) + 1);
  for (let at = r0; at < r1; at++) surplus.set(right[at]!, (surplus.get(right[at]!) ?? 0) - 1);
  let edits = 0;
  for (const count of surplus.values()) edits += Math.abs(count);
  return edits;
}

/** Where step d stands in the trace: step d has a row of 2d + 3 numbers, all in one array since there may be 1,200. */
function rowOf(d: number): number {
  return d * (d + 2);
}

function enlarged(trace: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * trace.length);
  larger.set(trace);
  return larger;
}

function backtrack(trace: Int32Array, end: { n: number; m: number; d: number; l0: number; r0: number }): Run[] {
  const runs: Run[] = [];
  let x = end.n;
  let y = end.m;
  for (let d = end.d; d >= 0; d--) {
    // The row of step d holds diagonals -d-1 to d+1, shifted so that diagonal k stands at k + d + 1.
    const row = trace.subarray(rowOf(d), rowOf(d + 1));
    const k = x - y;
    const down = k === -d || (k !== d && row[k + d]! < row[k + d + 2]!);
    const previousX = d === 0 ? 0 : down ? row[k + d + 2]! : row[k + d]!;
    const startX = d === 0 ? 0 : down ? previousX : previousX + 1;
    const length = x - startX;
    if (length > 0) runs.push({ left: end.l0 + startX, right: end.r0 + startX - k, length });
    x = previousX;
    y = d === 0 ? 0 : previousX - (down ? k + 1 : k - 1);
  }
  return runs;
}
