import { partners } from './diff.ts';

/** What a stretch of three aligned sequences shows: nobody, one side, both alike, or both differently changed it. */
type ChunkKind = 'same' | 'ours' | 'theirs' | 'both' | 'conflict';

/** A stretch `[from, to)` of base, ours and theirs that corresponds. */
export interface Chunk {
  readonly kind: ChunkKind;
  readonly base: readonly [number, number];
  readonly ours: readonly [number, number];
  readonly theirs: readonly [number, number];
}

/** Three-way alignment of sequences (Khanna, Kunal, Pierce, "A formal investigation of diff3", 2007). */
export function diff3(base: readonly number[], ours: readonly number[], theirs: readonly number[]): readonly Chunk[] {
  return chunksOf({ base, ours, theirs }, partners(base, ours), partners(base, theirs));
}

interface Three {
  readonly base: readonly number[];
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** The same from given partners of the base's elements; partners must rise. */
export function chunksOf(three: Three, toOurs: Int32Array, toTheirs: Int32Array): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let at = { base: 0, ours: 0, theirs: 0 };
  const close = (end: typeof at): void => {
    if (end.base === at.base && end.ours === at.ours && end.theirs === at.theirs) return;
    const chunk = {
      base: [at.base, end.base],
      ours: [at.ours, end.ours],
      theirs: [at.theirs, end.theirs],
    } as const;
    chunks.push({ kind: kindOf(three, chunk), ...chunk });
    at = end;
  };
  for (let i = 0; i < three.base.length; i++) {
    const ours = toOurs[i]!;
    const theirs = toTheirs[i]!;
    if (ours < at.ours || theirs < at.theirs) continue;
    close({ base: i, ours, theirs });
    let length = 1;
    while (
      i + length < three.base.length &&
      toOurs[i + length] === ours + length &&
      toTheirs[i + length] === theirs + length
    )
      length++;
    close({ base: i + length, ours: ours + length, theirs: theirs + length });
    i += length - 1;
  }
  close({ base: three.base.length, ours: three.ours.length, theirs: three.theirs.length });
  return chunks;
}

function kindOf(three: Three, chunk: Omit<Chunk, 'kind'>): ChunkKind {
  const oursKept = equalRange(three.base, chunk.base, three.ours, chunk.ours);
  const theirsKept = equalRange(three.base, chunk.base, three.theirs, chunk.theirs);
  if (oursKept && theirsKept) return 'same';
  if (equalRange(three.ours, chunk.ours, three.theirs, chunk.theirs)) return 'both';
  if (oursKept) return 'theirs';
  return theirsKept ? 'ours' : 'conflict';
}

function equalRange(
  a: readonly number[],
  [a0, a1]: readonly [number, number],
  b: readonly number[],
  [b0, b1]: readonly [number, number],
): boolean {
  if (a1 - a0 !== b1 - b0) return false;
  for (let k = 0; k < a1 - a0; k++) if (a[a0 + k] !== b[b0 + k]) return false;
  return true;
}
