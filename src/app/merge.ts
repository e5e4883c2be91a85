import { resolve } from 'node:path';
import { installMergeDriver, gitLineMerger, mergeFiles } from '#adapters/git-merge/index.ts';
import type { InstalledDriver } from '#adapters/git-merge/index.ts';
import { GIT_ERRORS, GitError, gitOn } from '#adapters/git/index.ts';
import type { Git } from '#domain/git.ts';
import { readConfig } from './config/config.ts';
import { mergeResolver, reportPage, serve } from '#merge/index.ts';
import type { RecordedResolution } from '#merge/index.ts';
import type { ConflictedFile } from '#merge/ports.ts';

/** What `maestro merge` needs: git on the search path; it runs also where no data directory is. */
export function mergeGit(): Git {
  return gitOn({ searchPath: readConfig({}).searchPath });
}

/** One merge of three files, as the command line asks for it. */
export interface MergeFileRequest {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** Path in the repository, which tells the language; the name of `ours` unless given. */
  readonly path?: string | undefined;
  /** Where the result goes; over `ours` unless given. */
  readonly out?: string | undefined;
  /** `auto` unless `out` is given: a proposal is never written over somebody's file unasked. */
  readonly accept?: 'auto' | 'suggest' | undefined;
  /** Where a page with the sides and the result goes. */
  readonly report?: string | undefined;
}

/** What `maestro merge file --json` prints. `lines`: both sides' lines between git's markers, for each of its conflicts. */
export interface MergeFileDocument {
  readonly resolved: boolean;
  readonly tier: RecordedResolution['tier'];
  readonly rule: string;
  readonly confidence: number;
  readonly hunks: readonly { readonly rule: string; readonly confidence: number; readonly lines: number }[];
  readonly reasons: readonly string[];
}

/** Merges three files and writes the result; what a person must decide stands in it between markers. */
export async function mergeFile(git: Git, request: MergeFileRequest): Promise<MergeFileDocument> {
  const { base, ours, theirs, out, report } = request;
  const resolver = mergeResolver(gitLineMerger(git));
  const { resolved, resolution, reason } = await mergeFiles<RecordedResolution>(
    {
      base,
      ours,
      theirs,
      path: request.path ?? ours,
      accept: request.accept ?? (out === undefined ? 'auto' : 'suggest'),
      ...(out === undefined ? {} : { out }),
    },
    {
      git,
      resolve: (file) => resolver.resolve(file),
      ...(report === undefined ? {} : { report: { path: report, page: pageOf } }),
    },
  );
  const { tier, rule, confidence } = resolution ?? { tier: 'leave', rule: 'git', confidence: 0 };
  const hunks = (resolution?.record.conflicts ?? []).map((lines) => ({ rule, confidence, lines }));
  const reasons = [...(reason === undefined ? [] : [reason]), ...(resolution?.reasons ?? [])];
  return { resolved, tier, rule, confidence, hunks, reasons };
}

function pageOf(file: ConflictedFile, { record, text }: RecordedResolution): string {
  return reportPage([{ facts: record, texts: { file, merged: text } }]);
}

/** `maestro merge serve`: one JSON answer for each JSON request, in order. */
export function serveMerges(git: Git, lines: AsyncIterable<string>): AsyncIterable<string> {
  const resolver = mergeResolver(gitLineMerger(git));
  return serve(lines, (file) => resolver.resolve(file));
}

/** `maestro merge install`: the driver and the mergetool for one clone; `program` is how git calls `maestro merge`, one word each. */
export async function installMerge(git: Git, named: string, program: readonly string[]): Promise<InstalledDriver> {
  // Git is started in a folder of its own, so the path must not depend on ours.
  const repo = resolve(named);
  const { exitCode } = await git.run({ cwd: repo, args: ['rev-parse', '--git-dir'], accept: [0, 128] });
  if (exitCode === 0) return installMergeDriver(git, { repo, program });
  const code = 'NOT_A_REPOSITORY';
  throw new GitError({ code, message: `${repo} is in no git repository`, cure: GIT_ERRORS[code].cure });
}
