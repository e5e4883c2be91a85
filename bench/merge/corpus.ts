import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** One real merge of one file, with what people committed. */
export interface Case {
  readonly id: string;
  readonly kind: 'conflict' | 'clean';
  readonly repo: string;
  readonly path: string;
  /** How people resolved it: `concatenation`, `pick-one-side`, ... */
  readonly fileClass: string;
  /** True when people touched nothing but the conflict. */
  readonly fair: boolean;
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly expected: string;
}

/** Cases under a folder with `manifest.jsonl` and `cases/<id>/{base,ours,theirs,expected}.<ext>`; undefined when there is none. */
export function readCorpus(dir: string): readonly Case[] | undefined {
  const manifest = join(dir, 'manifest.jsonl');
  if (!existsSync(manifest)) return undefined;
  const lines = readFileSync(manifest, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => readCase(dir, JSON.parse(line) as Meta));
}

interface Meta {
  readonly id: string;
  readonly kind?: 'conflict' | 'clean';
  readonly repo: string;
  readonly path: string;
  readonly fileClass?: string;
  readonly outsideEqual?: boolean;
}

function readCase(dir: string, meta: Meta): Case {
  const text = (name: string): string => readFileSync(join(dir, 'cases', meta.id, name + extname(meta.path)), 'utf8');
  return {
    id: meta.id,
    kind: meta.kind ?? 'conflict',
    repo: meta.repo,
    path: meta.path,
    fileClass: meta.fileClass ?? '',
    fair: meta.outsideEqual !== false,
    base: text('base'),
    ours: text('ours'),
    theirs: text('theirs'),
    expected: text('expected'),
  };
}

/** Files whose people combined both sides, so that structure can tell the answer. */
export function isCombinable(one: Case): boolean {
  return ['imports-union', 'concatenation', 'both-combined'].includes(one.fileClass);
}
