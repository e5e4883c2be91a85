import type { ChangedFile, FileContent, FileVersion } from '#domain/diff.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Finding } from './guards/finding.ts';
import { guardLinks } from './guards/links.ts';
import { guardPaths, type PathRules } from './guards/paths.ts';
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
  return guardChange(changed, contents, request, packageJson?.text ?? null, guardTests);
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
  const findings = [
    ...guardSize(changed, rules.size),
    ...guardPaths(changed, rules.paths),
    ...guardLinks(changed, textOf),
    ...guardTests(changed, textOf),
    ...guardTestCommand(changed, textOf, { setting: rules.testCommand ?? [], packageJson }),
  ];
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
