import { writeFileSync } from 'node:fs';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { resolveFile, rulesOf } from '#merge/index.ts';
import type { ConfidenceRow, Rule } from '#merge/index.ts';
import { readCorpus } from '../bench/merge/corpus.ts';
import { equivalent } from '../bench/merge/equivalent.ts';

// usage: node tools/merge-calibrate.ts CORPUS [REPO...]
// Merges every conflict of the corpus (of the named repositories only, if any), compares with what people committed, and
// writes src/merge/confidence-table.ts.

const git = gitOn({ searchPath: process.env['PATH'] ?? '' });
const LIMITS = [6, 16, 40, null] as const;
/** Weight of a rule's mean in each of its rows, and of the overall mean in each rule: so many files. */
const PRIOR = 4;

interface Sample {
  readonly rules: readonly Rule[];
  readonly lines: number;
  readonly agreed: boolean;
}

async function samplesOf(dir: string, repos: readonly string[]): Promise<readonly Sample[]> {
  const cases = readCorpus(dir);
  if (!cases) throw new Error(`no corpus in ${dir}`);
  const samples: Sample[] = [];
  for (const one of cases) {
    if (one.kind !== 'conflict' || (repos.length > 0 && !repos.includes(one.repo))) continue;
    const { status, text, record } = await resolveFile(one, gitLineMerger(git), { unrated: true });
    if (status !== 'resolved') continue;
    samples.push({
      rules: rulesOf(record.steps),
      lines: record.conflicts.reduce((sum, one) => sum + one, 0),
      agreed: equivalent(text, one.expected, one.path),
    });
  }
  return samples;
}

function share(samples: readonly Sample[], prior: number): number {
  return (samples.filter((one) => one.agreed).length + PRIOR * prior) / (samples.length + PRIOR);
}

/** One block of rows per rule; a file counts for its least certain rule. */
function tableOf(samples: readonly Sample[]): readonly ConfidenceRow[] {
  const overall = share(samples, 0.5);
  const rules = [...new Set(samples.flatMap((one) => one.rules))];
  const rank = new Map(
    rules.map((rule) => [
      rule,
      share(
        samples.filter((one) => one.rules.includes(rule)),
        overall,
      ),
    ]),
  );
  const least = (one: Sample): Rule => one.rules.reduce((a, b) => (rank.get(b)! < rank.get(a)! ? b : a));
  return rules
    .toSorted((a, b) => rank.get(b)! - rank.get(a)!)
    .flatMap((rule) =>
      rowsOf(
        rule,
        samples.filter((one) => least(one) === rule),
        overall,
      ),
    );
}

function rowsOf(rule: Rule, samples: readonly Sample[], overall: number): readonly ConfidenceRow[] {
  const mean = share(samples, overall);
  const rows = LIMITS.map((upToLines, i) => {
    const above = i === 0 ? -1 : (LIMITS[i - 1] ?? 0);
    const inside = samples.filter(({ lines }) => lines > above && (upToLines === null || lines <= upToLines));
    const agreed = inside.filter((one) => one.agreed).length;
    return { rule, upToLines, files: inside.length, agreed, confidence: share(inside, mean) };
  });
  return falling(rows);
}

/** Pools neighbours until confidence falls with size (pool adjacent violators, Ayer et al. 1955). */
function falling(rows: readonly ConfidenceRow[]): readonly ConfidenceRow[] {
  const pools: { rows: ConfidenceRow[]; weight: number; value: number }[] = [];
  for (const row of rows) {
    pools.push({ rows: [row], weight: row.files + PRIOR, value: row.confidence });
    while (pools.length > 1 && pools.at(-1)!.value > pools.at(-2)!.value) {
      const last = pools.pop()!;
      const before = pools.pop()!;
      const weight = last.weight + before.weight;
      const value = (last.value * last.weight + before.value * before.weight) / weight;
      pools.push({ rows: [...before.rows, ...last.rows], weight, value });
    }
  }
  return pools.flatMap((pool) => pool.rows.map((row) => ({ ...row, confidence: Number(pool.value.toFixed(3)) })));
}

function tableText(rows: readonly ConfidenceRow[]): string {
  const lines = rows.map(
    ({ rule, upToLines, files, agreed, confidence }) =>
      `  { rule: '${rule}', upToLines: ${upToLines}, files: ${files}, agreed: ${agreed}, confidence: ${confidence} },`,
  );
  return `import type { ConfidenceRow } from './confidence-row.ts';

/** Made by \`node tools/merge-calibrate.ts CORPUS\` from real merges; never edited by hand. */
export const confidenceTable: readonly ConfidenceRow[] = [
${lines.join('\n')}
];
`;
}

const [dir, ...repos] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: node tools/merge-calibrate.ts CORPUS [REPO...]');
writeFileSync(
  new URL('../src/merge/confidence-table.ts', import.meta.url),
  tableText(tableOf(await samplesOf(dir, repos))),
);
