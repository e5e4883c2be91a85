import { readFile, writeFile } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import type { Git } from '#domain/git.ts';
import type { ConflictedFile, Resolution } from '#merge/ports.ts';
import { CONFLICT_CODES } from './line-merger.ts';

/** Three files to merge; the names that git gives a merge driver say nothing, so `path` tells the language. */
export interface FilesToMerge {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** Path in the repository. */
  readonly path: string;
  /** Where the result goes; over `ours` unless given. */
  readonly out?: string;
  /** The least certain tier that is taken as the result; anything below stays a conflict. */
  readonly accept: 'auto' | 'suggest';
}

/** What became of the files: `resolution` is missing where only git's own merge could be used. */
export interface MergedFiles<R extends Resolution> {
  readonly resolved: boolean;
  readonly resolution?: R;
  readonly reason?: string;
}

/** Who merges, and where a page about it goes. */
export interface MergeWith<R extends Resolution> {
  readonly git: Git;
  readonly resolve: (file: ConflictedFile) => Promise<R>;
  readonly report?: { readonly path: string; readonly page: (file: ConflictedFile, resolution: R) => string };
}

/**
 * Merges three files as git's merge driver and mergetool expect: the result is written, markers and all where a conflict is
 * left. Texts that are not UTF-8, and any fault of ours, get git's own result.
 */
export async function mergeFiles<R extends Resolution>(
  files: FilesToMerge,
  { git, resolve, report }: MergeWith<R>,
): Promise<MergedFiles<R>> {
  const out = files.out ?? files.ours;
  const texts = await readTexts(files);
  if (!texts) return gitOnly(files, out, git, 'not a UTF-8 text');
  try {
    const file = { path: files.path, ...texts };
    const resolution = await resolve(file);
    if (report) await writeFile(report.path, report.page(file, resolution));
    const taken = resolution.status === 'resolved' && (resolution.tier === 'auto' || files.accept === 'suggest');
    if (!taken && resolution.status === 'resolved') {
      return {
        ...(await gitOnly(files, out, git, `a proposal that a person confirms: ${resolution.rule}`)),
        resolution,
      };
    }
    await writeFile(out, resolution.text);
    return { resolved: taken, resolution };
  } catch (fault) {
    return gitOnly(files, out, git, `fault: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

async function readTexts(files: FilesToMerge): Promise<Omit<ConflictedFile, 'path'> | undefined> {
  const [base, ours, theirs] = await Promise.all([files.base, files.ours, files.theirs].map(readText));
  return base === undefined || ours === undefined || theirs === undefined ? undefined : { base, ours, theirs };
}

async function readText(path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function gitOnly(files: FilesToMerge, out: string, git: Git, reason: string): Promise<MergedFiles<never>> {
  const labels = ['-L', 'ours', '-L', 'base', '-L', 'theirs'];
  // Git runs in a folder of its own, so the names must not depend on ours.
  const paths = [files.ours, files.base, files.theirs].map((path) => resolvePath(path));
  const args = ['merge-file', '-p', ...labels, ...paths];
  const { exitCode, stdout } = await git.run({ args, accept: CONFLICT_CODES });
  await writeFile(out, stdout);
  return { resolved: exitCode === 0, reason };
}
