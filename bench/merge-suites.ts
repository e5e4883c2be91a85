import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { resolveFile } from '#merge/index.ts';
import { conflictedMerges } from './merge/replay.ts';
import type { ConflictedMerge } from './merge/replay.ts';
import { judge } from './merge/judge.ts';
import type { JudgedTree, Verdict } from './merge/judge.ts';
import { suites } from './merge/suites.ts';
import type { Suite } from './merge/suites.ts';
import { INPUTS } from './inputs.ts';
import { type BenchResult, benchResult, target } from './result.ts';

/** People's merge and ours, judged by the repository's own tests. `lost`: tests that pass for people and not for us. */
interface Judged {
  readonly repo: string;
  readonly commit: string;
  readonly files: readonly string[];
  /** Tests that pass on what people committed. */
  readonly people: number;
  readonly lost: readonly string[];
}

/**
 * Replays every conflicting merge of repositories whose tests run here. Files that we settle by ourselves (auto) take
 * the place of people's; then their tests run on both. `MAESTRO_MERGE_REPOS` names the folder of git directories
 * (`owner+name/repo`), `MAESTRO_MERGE_SUITES` one that keeps installed packages and verdicts; without them nothing is measured.
 */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const { mergeRepositories: repos, mergeSuites: cache } = INPUTS;
  const judged: Judged[] = [];
  if (repos !== undefined && cache !== undefined)
    for (const suite of suites) judged.push(...(await judgeAll(suite, join(repos, suite.repo, 'repo'), cache)));
  const rows = suites.map(({ repo }) => {
    const own = judged.filter((one) => one.repo === repo);
    const tests = own.reduce((sum, one) => sum + one.people, 0);
    return {
      repo,
      merges: own.length,
      files: own.flatMap((one) => one.files).length,
      'tests of people': tests,
      lost: own.flatMap((one) => one.lost).length,
    };
  });
  const failed = judged.filter((one) => one.lost.length > 0);
  const measured = judged.length > 0;
  return benchResult({
    bench: 'merge-suites',
    seed: options.seed,
    rows: [
      ...rows,
      ...failed.map(({ repo, commit, files, lost }) => ({
        repo,
        commit,
        files: files.join(' '),
        lost: lost.slice(0, 3).join('; '),
      })),
    ],
    targets: [
      target('merges whose tests ran', measured ? judged.length : null, '>=', 50),
      target('repositories', measured ? new Set(judged.map((one) => one.repo)).size : null, '>=', 3),
      target("merges that fail where people's pass", measured ? failed.length : null, '=', 0),
    ],
  });
}

async function judgeAll(suite: Suite, gitDir: string, cache: string): Promise<readonly Judged[]> {
  if (!existsSync(gitDir)) return [];
  mkdirSync(cache, { recursive: true });
  const known = new Kept(join(cache, `${suite.repo}.jsonl`));
  const lines = gitLineMerger(gitOn({ searchPath: process.env['PATH'] ?? '' }));
  const judged: Judged[] = [];
  for (const merge of conflictedMerges(gitDir)) {
    const ours = new Map<string, string>();
    for (const file of merge.files.filter(({ path }) => suite.covers(path))) {
      const { status, tier, text, rule } = await resolveFile(file, lines);
      if (status === 'resolved' && tier === 'auto' && rule !== 'git') ours.set(file.path, text);
    }
    if (ours.size === 0) continue;
    const at = { gitDir, commit: merge.commit, paths: [...ours.keys()] };
    const judgeWith = (files: ReadonlyMap<string, string>) => (run: number) =>
      known.verdict(suite, { ...at, files, run }, cache);
    const people = judgeWith(new Map())(1);
    if (!people || people.passed.length === 0) continue;
    const lost = isSame(merge, ours) ? [] : lostBy(people, { people: judgeWith(new Map()), ours: judgeWith(ours) });
    if (!lost) continue;
    judged.push({
      repo: suite.repo,
      commit: merge.commit,
      files: [...ours.keys()],
      people: people.passed.length,
      lost,
    });
  }
  return judged;
}

/** A test that hangs on the machine's speed fails once and passes again; one that our merge broke fails each time. */
const RUNS = 3;

type Rerun = (number: number) => Verdict | undefined;

/** Tests that pass in every run of people's and in none of ours; undefined when one of them does not run. */
function lostBy(
  first: Verdict,
  { people, ours }: { readonly people: Rerun; readonly ours: Rerun },
): readonly string[] | undefined {
  const numbers = Array.from({ length: RUNS }, (_, i) => i + 1);
  const rounds = [
    ...numbers.map((number) => ({ run: () => ours(number), passes: false })),
    ...numbers.slice(1).map((number) => ({ run: () => people(number), passes: true })),
  ];
  let lost = first.passed;
  for (const { run, passes } of rounds) {
    if (lost.length === 0) break; // people's are run again only for what we seem to have lost
    const verdict = run();
    if (!verdict) return undefined;
    const passed = new Set(verdict.passed);
    lost = lost.filter((name) => passed.has(name) === passes);
  }
  return lost;
}

/** True when people committed our very bytes, so that one run of the tests speaks for both. */
function isSame(merge: ConflictedMerge, ours: ReadonlyMap<string, string>): boolean {
  return merge.files.every(({ path, people }) => (ours.get(path) ?? people) === people);
}

/** Verdicts by what they are about, so that a bench that was stopped goes on where it was. */
class Kept {
  readonly #path: string;
  readonly #verdicts = new Map<string, Verdict | null>();

  constructor(path: string) {
    this.#path = path;
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
      const { key, verdict } = JSON.parse(line) as { key: string; verdict: Verdict | null };
      this.#verdicts.set(key, verdict);
    }
  }

  verdict(suite: Suite, tree: JudgedTree, cache: string): Verdict | undefined {
    const again = tree.run > 1 ? [tree.run] : [];
    const key = createHash('sha256')
      .update(JSON.stringify([tree.commit, ...tree.files, ...(suite.affected ? tree.paths : []), ...again]))
      .digest('hex');
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known ?? undefined;
    const verdict = judge(suite, tree, cache) ?? null;
    this.#verdicts.set(key, verdict);
    appendFileSync(
      this.#path,
      `${JSON.stringify({ key, commit: tree.commit, files: [...tree.files.keys()], verdict })}\n`,
    );
    return verdict ?? undefined;
  }
}
