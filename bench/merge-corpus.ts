import { gitLineMerger } from '#adapters/git-merge/index.ts';
import { gitOn } from '#adapters/git/run.ts';
import { resolveFile } from '#merge/index.ts';
import type { RecordedResolution } from '#merge/index.ts';
import { type Case, isCombinable, readCorpus } from './merge/corpus.ts';
import { equivalent } from './merge/equivalent.ts';
import { mergiraf, plainWays, type Resolver } from './merge/resolvers.ts';
import { type Answer, rowOf, scoreOf } from './merge/score.ts';
import { brokenNames, isValid } from './merge/validity.ts';
import { INPUTS } from './inputs.ts';
import { type BenchResult, type BenchRow, type BenchTarget, benchResult, target } from './result.ts';

/** One case merged by us. Milliseconds of wall time. */
interface Merged {
  readonly one: Case;
  readonly resolution: RecordedResolution;
  readonly ms: number;
}

/**
 * Real conflicts, ours beside the plain ways and the peer: how many are resolved and how often as people did. The corpus is
 * a folder named by `MAESTRO_MERGE_CORPUS` (public code is never part of this repository); without one nothing is measured.
 */
export async function run(options: { seed: number }): Promise<BenchResult> {
  const corpus = readCorpus(INPUTS.mergeCorpus ?? 'merge-corpus') ?? [];
  const conflicts = corpus.filter((one) => one.kind === 'conflict');
  const merged = await mergeAll(conflicts);
  const clean = await mergeAll(corpus.filter((one) => one.kind === 'clean'));
  const large = await largeFile();
  const ours = merged.map(answerOf);
  const auto = merged.map((each) =>
    each.resolution.tier === 'auto' ? answerOf(each) : { ...answerOf(each), text: undefined, equivalent: false },
  );
  const peer = mergiraf();
  const peers = peer ? conflicts.map((one) => ask(peer, one)) : undefined;
  const rows = [
    ...sets('maestro', ours),
    rowOf(
      'maestro',
      'auto, fair',
      auto.filter(({ one }) => one.fair),
    ),
    ...byRule(merged),
    ...Object.entries(plainWays).map(([name, way]) =>
      rowOf(
        name,
        'all',
        conflicts.map((one) => ask(way, one)),
      ),
    ),
    ...(peers ? sets('mergiraf', peers).slice(0, 2) : []),
  ];
  const targets = [
    ...qualityTargets(ours, auto),
    ...peerTargets(ours, peers),
    ...safetyTargets(merged, clean),
    ...speedTargets(merged, large),
  ];
  return benchResult({ bench: 'merge-corpus', seed: options.seed, rows, targets });
}

async function mergeAll(cases: readonly Case[]): Promise<readonly Merged[]> {
  const lines = gitLineMerger(gitOn({ searchPath: process.env['PATH'] ?? '' }));
  const merged: Merged[] = [];
  for (const one of cases) {
    const start = performance.now();
    const resolution = await resolveFile(one, lines);
    merged.push({ one, resolution, ms: performance.now() - start });
  }
  return merged;
}

function answerOf({ one, resolution }: Merged): Answer {
  if (resolution.status !== 'resolved') return { one, text: undefined, equivalent: false };
  return { one, text: resolution.text, equivalent: equivalent(resolution.text, one.expected, one.path) };
}

function ask(resolve: Resolver, one: Case): Answer {
  const text = resolve(one);
  return { one, text, equivalent: text !== undefined && equivalent(text, one.expected, one.path) };
}

/** All, fair, each class, and two halves by repository: rules were developed on the first half alone. */
function sets(resolver: string, answers: readonly Answer[]): readonly BenchRow[] {
  const repos = [...new Set(answers.map(({ one }) => one.repo))].toSorted();
  const half = (which: number) => answers.filter(({ one }) => repos.indexOf(one.repo) % 2 === which);
  const classes = [...new Set(answers.map(({ one }) => one.fileClass))];
  return [
    rowOf(resolver, 'all', answers),
    rowOf(
      resolver,
      'fair',
      answers.filter(({ one }) => one.fair),
    ),
    rowOf(
      resolver,
      'combinable',
      answers.filter(({ one }) => isCombinable(one)),
    ),
    rowOf(resolver, 'half A', half(0)),
    rowOf(resolver, 'half B', half(1)),
    ...classes.map((name) =>
      rowOf(
        resolver,
        name,
        answers.filter(({ one }) => one.fileClass === name),
      ),
    ),
  ];
}

function byRule(merged: readonly Merged[]): readonly BenchRow[] {
  const label = ({ resolution }: Merged): string => `${resolution.tier} ${resolution.rule}`;
  const resolved = merged.filter(({ resolution }) => resolution.status === 'resolved');
  return [...new Set(resolved.map(label))].map((name) =>
    rowOf('maestro', name, resolved.filter((each) => label(each) === name).map(answerOf)),
  );
}

function qualityTargets(ours: readonly Answer[], auto: readonly Answer[]): readonly BenchTarget[] {
  const measured = ours.length > 0;
  const value = (number: number): number | null => (measured ? number : null);
  const all = scoreOf(ours);
  const fair = scoreOf(ours.filter(({ one }) => one.fair));
  const sure = scoreOf(auto.filter(({ one }) => one.fair));
  const combinable = scoreOf(ours.filter(({ one }) => isCombinable(one)));
  return [
    target('resolved, % of all', value(all.resolved), '>=', 60),
    target('equivalent to people, % of all', value(all.equivalent), '>=', 45),
    target('precision, %', value(all.precision), '>=', 75),
    target('precision where people touched only the conflict, %', value(fair.precision), '>=', 80),
    target('differs, % of all', value(all.differs), '<=', 15),
    target('auto: resolved, % of fair', value(sure.resolved), '>=', 35),
    target('auto: precision, % of fair', value(sure.precision), '>=', 88),
    target('combinable: equivalent, %', value(combinable.equivalent), '>=', 72),
  ];
}

function peerTargets(ours: readonly Answer[], peers: readonly Answer[] | undefined): readonly BenchTarget[] {
  const all = scoreOf(ours);
  const theirs = peers && peers.length > 0 ? scoreOf(peers) : undefined;
  return [
    target("precision minus mergiraf's, points", theirs ? all.precision - theirs.precision : null, '>=', 0),
    target("resolved minus mergiraf's, points", theirs ? all.resolved - theirs.resolved : null, '>', 0),
  ];
}

function safetyTargets(merged: readonly Merged[], clean: readonly Merged[]): readonly BenchTarget[] {
  const resolved = merged.filter(({ resolution }) => resolution.status === 'resolved');
  const invalid = resolved.filter(({ one, resolution }) => !isValid(resolution.text, one.path));
  const broken = resolved.filter(({ one, resolution }) => brokenNames(one, resolution.text).length > 0);
  const changed = clean.filter(({ one, resolution }) => resolution.text !== one.expected);
  return [
    target('resolved files with a syntax error', merged.length > 0 ? invalid.length : null, '=', 0),
    target('resolved files with a new binding error', merged.length > 0 ? broken.length : null, '=', 0),
    target('clean merges that are not byte-identical', clean.length > 0 ? changed.length : null, '=', 0),
  ];
}

function speedTargets(merged: readonly Merged[], large: Merged): readonly BenchTarget[] {
  const times = merged.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return [
    target('time per file, 95th percentile, ms', times[Math.floor(times.length * 0.95)] ?? null, '<=', 200),
    target('a conflict in a file of 300 KB, ms', large.ms, '<', 2_000),
    target('memory after all merges, MiB', Math.round(process.memoryUsage().rss / 2 ** 20), '<=', 2_048),
  ];
}

/** A module of 300 KB in which both sides add a function at one place and edit others. */
async function largeFile(): Promise<Merged> {
  const body = Array.from(
    { length: 2_600 },
    (_, i) =>
      `export function f${i}(a: number): number {\n  const b = a + ${i};\n  if (b > 10) return call(b, '${'x'.repeat(20)}');\n  return b;\n}\n`,
  );
  const base = body.join('\n');
  const added = (name: string): string => `\nexport function ${name}(): void {\n  call(1, '${name}');\n}\n`;
  const one: Case = {
    id: 'large',
    kind: 'conflict',
    repo: '',
    path: 'large.ts',
    fileClass: '',
    fair: true,
    base,
    ours: base.replace('a + 7;', 'a - 7;') + added('mine'),
    theirs: base.replace('a + 2000;', 'a - 2000;') + added('yours'),
    expected: '',
  };
  const [merged] = await mergeAll([one]);
  if (merged?.resolution.status !== 'resolved') throw new Error('the large file must merge');
  return merged;
}
