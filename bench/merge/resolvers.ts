import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { diff3 } from '#merge/index.ts';
import type { Case } from './corpus.ts';

/** The plain ways to resolve a conflict and the peer, each on one case; undefined where it leaves the conflict. */
export type Resolver = (one: Case) => string | undefined;

export const plainWays: { readonly [name: string]: Resolver } = {
  ours: (one) => gitMergeFile(one, '--ours'),
  theirs: (one) => gitMergeFile(one, '--theirs'),
  union: (one) => gitMergeFile(one, '--union'),
  'import union': (one) => byBlock(one, importUnion),
  'token diff3': (one) => byBlock(one, tokenDiff3),
};

/** Mergiraf, when the environment names it (`MERGIRAF`) or the path holds it. */
export function mergiraf(): Resolver | undefined {
  const program = process.env['MERGIRAF'] ?? 'mergiraf';
  if (spawnSync(program, ['--version']).status !== 0) return undefined;
  return (one) =>
    withFiles(one, (paths, dir) => {
      const out = join(dir, `out${extname(one.path)}`);
      const { status } = spawnSync(program, ['merge', paths.base, paths.ours, paths.theirs, '-o', out]);
      return status === 0 && existsSync(out) ? readFileSync(out, 'utf8') : undefined;
    });
}

interface Paths {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

function withFiles<T>(one: Case, use: (paths: Paths, dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  try {
    const path = (name: 'base' | 'ours' | 'theirs'): string => {
      const file = join(dir, name + extname(one.path));
      writeFileSync(file, one[name]);
      return file;
    };
    return use({ base: path('base'), ours: path('ours'), theirs: path('theirs') }, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function gitMergeFile(one: Case, ...flags: readonly string[]): string {
  return withFiles(one, ({ base, ours, theirs }) => {
    const args = ['merge-file', '-p', ...flags, ours, base, theirs];
    return spawnSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 28 }).stdout;
  });
}

interface Block {
  readonly ours: readonly string[];
  readonly base: readonly string[];
  readonly theirs: readonly string[];
}

/** Resolves block by block; one unresolved block leaves the file. */
function byBlock(one: Case, resolve: (block: Block) => readonly string[] | undefined): string | undefined {
  const out: string[] = [];
  let block: { ours: string[]; base: string[]; theirs: string[] } | undefined;
  let side: keyof Block = 'ours';
  for (const line of gitMergeFile(one, '--diff3').split('\n')) {
    if (/^<{7}( |$)/.test(line)) {
      block = { ours: [], base: [], theirs: [] };
      side = 'ours';
    } else if (!block) out.push(line);
    else if (/^\|{7}( |$)/.test(line)) side = 'base';
    else if (/^={7}$/.test(line)) side = 'theirs';
    else if (/^>{7}( |$)/.test(line)) {
      const lines = resolve(block);
      if (!lines) return undefined;
      out.push(...lines);
      block = undefined;
    } else block[side].push(line);
  }
  return out.join('\n');
}

/** One-line imports as a set of lines: added by one side is added, removed by one side is removed. */
function importUnion({ ours, base, theirs }: Block): readonly string[] | undefined {
  const isImport = /^\s*(import\b.*from\s*['"].*|import\s*['"].*|(const|var|let)\b.*=\s*require\(.*)$/;
  const all = [...ours, ...base, ...theirs].filter((line) => line.trim() !== '');
  if (all.length === 0 || !all.every((line) => isImport.test(line))) return undefined;
  const kept = ours.filter((line) => theirs.includes(line) || !base.includes(line));
  return [...kept, ...theirs.filter((line) => !ours.includes(line) && !base.includes(line))];
}

function tokenDiff3({ ours, base, theirs }: Block): readonly string[] | undefined {
  const split = (lines: readonly string[]): string[] => lines.join('\n').match(/\s+|[\p{L}\p{N}_$]+|./gsu) ?? [];
  const tokens = { base: split(base), ours: split(ours), theirs: split(theirs) };
  const known = new Map<string, number>();
  const id = (token: string): number => known.get(token) ?? known.set(token, known.size).size - 1;
  const chunks = diff3(tokens.base.map(id), tokens.ours.map(id), tokens.theirs.map(id));
  if (base.length === 0 || chunks.some((chunk) => chunk.kind === 'conflict')) return undefined;
  const text = chunks.map((chunk) =>
    (chunk.kind === 'theirs' ? tokens.theirs.slice(...chunk.theirs) : tokens.ours.slice(...chunk.ours)).join(''),
  );
  return text.join('').split('\n');
}
