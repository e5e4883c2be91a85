import type { ChangedFile, FileContent, FileVersion } from '#domain/diff.ts';
import type { GitOid } from '#domain/ids.ts';
import { guardDependencies } from './guards/dependencies.ts';
import type { Finding } from './guards/finding.ts';
import { guardLinks } from './guards/links.ts';
import { guardPaths, type PathRules } from './guards/paths.ts';
import { guardSecrets, LARGEST_LOOKED_INTO } from './guards/secrets.ts';
import { guardSize, type SizeLimits } from './guards/size.ts';
import { guardTestCommand } from './guards/test-command.ts';
import { isPackageJson, isTestFile } from './guards/test-files.ts';
import type { TreeFiles } from './ports.ts';

export interface InspectRequest {
  readonly repoDir: string;
  readonly base: GitOid;
  readonly head: GitOid;
  readonly paths: PathRules;
  readonly size: SizeLimits;
  /** The repository's own setting of its test command. */
  readonly testCommand?: readonly string[];
}

/** What every guard says of a change; refusals first. Empty: nothing stands in the way. */
export async function inspectChange(files: TreeFiles, request: InspectRequest): Promise<readonly Finding[]> {
  const { repoDir, base, head } = request;
  const changed = await files.changedFiles(repoDir, base, head);
  const contents = await files.readBlobs(repoDir, changed.flatMap(blobsToRead));
  const packageJson = await files.readFile(repoDir, base, 'package.json');
  // Its compiler takes a while to load, and most commands never look at a change.
  const { guardTests } = await import('./guards/tests.ts');
  const secrets = await lookForSecrets(files, repoDir, changed);
  return sorted([...secrets, ...guardChange(changed, contents, request, packageJson?.text ?? null, guardTests)]);
}

/** A hundred files at a time, so that a large change needs no more memory. */
async function lookForSecrets(
  files: TreeFiles,
  repoDir: string,
  changed: readonly ChangedFile[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const wanted = changed.filter(({ after, bytes }) => after?.mode.startsWith('100') && bytes <= LARGEST_LOOKED_INTO);
  for (let at = 0; at < wanted.length; at += 100) {
    const some = wanted.slice(at, at + 100);
    const versions = some.flatMap(({ before, after }) => [before, after].filter((version) => version !== null));
    const contents = await files.readBlobs(
      repoDir,
      versions.map(({ oid }) => oid),
    );
    findings.push(...guardSecrets(some, (file) => contents.get(file.oid)?.text ?? null));
  }
  return findings;
}

type GuardTests = (files: readonly ChangedFile[], textOf: (file: FileVersion) => string | null) => readonly Finding[];

/** The pure part of `inspectChange`: `contents` holds the blobs of `blobsToRead`. */
function guardChange(
  changed: readonly ChangedFile[],
  contents: ReadonlyMap<GitOid, FileContent>,
  rules: InspectRequest,
  packageJson: string | null,
  guardTests: GuardTests,
): readonly Finding[] {
  const textOf = (file: FileVersion): string | null => contents.get(file.oid)?.text ?? null;
  return [
    ...guardSize(changed, rules.size),
    ...guardPaths(changed, rules.paths),
    ...guardLinks(changed, textOf),
    ...guardTests(changed, textOf),
    ...guardDependencies(changed, textOf),
    ...guardTestCommand(changed, textOf, { setting: rules.testCommand ?? [], packageJson }),
  ];
}

/** Refusals first. */
function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...findings.filter((finding) => finding.ending === 'refused'),
    ...findings.filter((finding) => finding.ending === 'needs_human'),
  ];
}

function blobsToRead(file: ChangedFile): readonly GitOid[] {
  const versions = [file.before, file.after].filter((version) => version !== null);
  const wanted = versions.filter(
    ({ path, mode }) => mode === '120000' || (mode !== '160000' && (isTestFile(path) || isPackageJson(path))),
  );
  return wanted.map((version) => version.oid);
}
