import { confidenceOf, rulesOf, tierOf } from './confidence.ts';
import { explain } from './rules.ts';
import { formed, plain } from './eol.ts';
import { checkGates } from './gates/gates.ts';
import { checkRelativeImports } from './gates/relative-imports.ts';
import type { GateResult } from './gates/gates.ts';
import type { Language, OpenFile } from './languages/language.ts';
import { languageOf } from './languages/languages.ts';
import { lockFileCommand } from './lock-files.ts';
import { labelled, withMarkers } from './markers.ts';
import type { ConflictedFile, LineMerge, LineMerger, MergedTree, Resolution } from './ports.ts';
import { recorded } from './record.ts';
import type { HowMerged, RecordedResolution } from './record.ts';
import { Interner } from './tree/node.ts';
import { replay } from './tree/replay.ts';
import { isConflict, isSettled, settledText } from './tree/outcome.ts';
import type { Outcome, Step } from './tree/outcome.ts';
import type { Three } from './tree/three.ts';

/** `unrated`: keeps every merge that passes the gates, however unsure; the calibration needs those too. */
export interface ResolveOptions {
  readonly unrated?: boolean;
  /** The tree that the merge is part of; without it relative imports are not looked up. */
  readonly tree?: MergedTree;
}

/** Merges one file: git's lines first, then syntax, then the gates; whatever stays uncertain is left with its reason. */
export async function resolveFile(
  file: ConflictedFile,
  lines: LineMerger,
  options: ResolveOptions = {},
): Promise<RecordedResolution> {
  const git = await lines.merge(file);
  if (git.clean) {
    const resolution = {
      status: 'resolved',
      text: git.text,
      tier: 'auto',
      confidence: 1,
      rule: 'git',
      reasons: [],
    } as const;
    return recorded(file, resolution, nothingDone);
  }
  const command = lockFileCommand(file.path);
  if (command !== undefined) {
    const cure = `settle package.json, then run \`${command}\``;
    const reason = `a lock file is made anew by its package manager, never merged: ${cure}`;
    return { ...left(file, git, reason), isLockFile: true };
  }
  const language = languageOf(file.path);
  if (!language) return left(file, git, 'no language is known for this path');
  try {
    return await resolveWith(language, { file, git, unrated: options.unrated === true, tree: options.tree });
  } catch (fault) {
    // A parser or a merge that runs out of stack on hostile input must not take the landing down with it.
    return left(
      file,
      git,
      `the ${language.name} merge gave up: ${fault instanceof Error ? fault.message : String(fault)}`,
    );
  }
}

async function resolveWith(language: Language, { file, git, unrated, tree }: Job): Promise<RecordedResolution> {
  const texts = plain(file);
  const interner = new Interner();
  const open = language.open(file.path, texts.file, interner);
  if (!open) return left(file, git, `one of the versions is not valid ${language.name}`);
  const first = attempt(open);
  const reopen = (versions: Three<string> | undefined) => versions && language.open(file.path, versions, interner);
  const best = isGood(first)
    ? first
    : (renamed(open, first, reopen) ?? replayed(open, first, reopen, interner) ?? first);
  let how: HowMerged = {
    ...nothingDone,
    language: language.name,
    steps: best.outcome.steps,
    gates: best.gates,
    conflicts: conflictSizes(git.text),
  };
  if (!best.settled) return partly(file, git, formed(withMarkers(best.outcome), texts.form), how, best.outcome);
  if (best.stopped) return left(file, git, `${best.stopped.gate}: ${best.stopped.detail}`, how);
  const merged = settledText(best.outcome);
  const modules = tree ? (best.open.relativeImports?.(merged) ?? []) : [];
  const imports = tree && modules.length > 0 ? await checkRelativeImports(file.path, modules, tree) : undefined;
  if (imports) how = { ...how, gates: [...how.gates, imports] };
  if (imports?.ok === false) return left(file, git, `${imports.gate}: ${imports.detail}`, how);
  const { rule, confidence } = confidenceOf(best.outcome.steps, sum(how.conflicts));
  const tier = tierOf(best.outcome.steps, confidence);
  if (tier === 'leave' && !unrated) return left(file, git, `${rule}: people too often write something else here`, how);
  const text = formed(merged, texts.form);
  return recorded(
    file,
    { status: 'resolved', text, tier, confidence, rule, reasons: rulesOf(best.outcome.steps).map(explain) },
    how,
  );
}

interface Job {
  readonly file: ConflictedFile;
  readonly git: LineMerge;
  readonly unrated: boolean;
  readonly tree: MergedTree | undefined;
}

interface Attempt {
  readonly open: OpenFile;
  readonly outcome: Outcome;
  readonly settled: boolean;
  readonly gates: readonly GateResult[];
  readonly stopped: GateResult | undefined;
}

/** The texts that conflict, and what a gate stopped at. */
function unsettledPlaces({ outcome, stopped }: Attempt): string {
  const texts = outcome.pieces.map((piece) =>
    isConflict(piece) ? `${piece.base}\n${piece.ours}\n${piece.theirs}` : '',
  );
  return [...texts, stopped?.detail ?? ''].join('\n');
}

type Reopen = (versions: Three<string> | undefined) => OpenFile | undefined;

/** The merge with one side's renames applied to the other's code; undefined where that does not settle it. */
function renamed(open: OpenFile, first: Attempt, reopen: Reopen): Attempt | undefined {
  const reopened = reopen(open.renamed?.(unsettledPlaces(first)));
  return reopened && good(attempt(reopened, [{ rule: 'rename', size: 1 }]));
}

/** The merge with edits applied where the other side moved the code; its gates compare with the versions as they are. */
function replayed(open: OpenFile, first: Attempt, reopen: Reopen, interner: Interner): Attempt | undefined {
  const found = first.settled ? undefined : replay(open.trees, first.outcome, interner);
  const reopened = reopen(found?.texts);
  return found && reopened && good(attempt(reopened, found.steps, open));
}

function good(one: Attempt): Attempt | undefined {
  return isGood(one) ? one : undefined;
}

function isGood({ settled, stopped }: Attempt): boolean {
  return settled && !stopped;
}

function attempt(open: OpenFile, steps: readonly Step[] = [], judge: OpenFile = open): Attempt {
  const merged = open.merge();
  const outcome = { ...merged, steps: [...merged.steps, ...steps] };
  const settled = isSettled(outcome);
  const gates = settled ? checkGates(judge, settledText(outcome), outcome.steps) : [];
  return { open, outcome, settled, gates, stopped: gates.find((gate) => !gate.ok) };
}

const nothingDone: HowMerged = { language: 'lines', steps: [], gates: [], conflicts: [] };

/** Git's own result, markers and all; they tell the reason where the texts were understood. */
function left(file: ConflictedFile, git: LineMerge, reason: string, how: HowMerged = nothingDone): RecordedResolution {
  const resolution: Resolution = {
    status: 'conflict',
    text: how === nothingDone ? git.text : labelled(git.text, reason),
    tier: 'leave',
    confidence: 0,
    rule: 'leave',
    reasons: [reason],
  };
  return recorded(file, resolution, how);
}

/** Our markers where they leave fewer conflicts than git's, git's own otherwise. */
function partly(
  file: ConflictedFile,
  git: LineMerge,
  text: string,
  how: HowMerged,
  outcome: Outcome,
): RecordedResolution {
  const conflicts = outcome.pieces.filter(isConflict);
  const reasons = conflicts.map(({ entity, cause }) => (entity === undefined ? cause : `${entity}: ${cause}`));
  const isSmaller = conflictSizes(text).length < conflictSizes(git.text).length;
  const best = isSmaller ? text : labelled(git.text, reasons.join('; '));
  const resolution: Resolution = {
    status: 'conflict',
    text: best,
    tier: 'leave',
    confidence: 0,
    rule: 'leave',
    reasons,
  };
  return recorded(file, resolution, how);
}

/** Lines of both sides between git's markers, for each conflict. */
function conflictSizes(text: string): readonly number[] {
  let inside: '' | 'sides' | 'base' = '';
  const sizes: number[] = [];
  for (const line of text.split('\n')) {
    if (/^<{7}( |$)/.test(line)) {
      inside = 'sides';
      sizes.push(0);
    } else if (inside !== '' && /^\|{7}( |$)/.test(line)) inside = 'base';
    else if (inside === 'base' && line.startsWith('=======')) inside = 'sides';
    else if (/^>{7}( |$)/.test(line)) inside = '';
    else if (inside === 'sides' && line.trim() !== '' && !line.startsWith('=======')) sizes[sizes.length - 1]!++;
  }
  return sizes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
