import type { ChangedFile, FileContent } from '#domain/diff.ts';
import type { GitOid, TenantId } from '#domain/ids.ts';
import type { TestAttempt, TestOutput, TestReport } from '#domain/test-report.ts';

/** Files of one tree on disk, outside any run's workspace, so that what is tested is exactly what the tree holds. */
export interface Trees {
  /** Writes the tree's files, byte for byte, to a fresh folder owned by the tenant's sandbox user. */
  materialise(request: {
    repoDir: string;
    tree: GitOid;
    ordinal: number;
  }): Promise<{ readonly dir: string; remove(): Promise<void> }>;
}

/** Reads what commits and trees hold, without a working tree. `at` is a commit or a tree. */
export interface TreeFiles {
  /** Names in the top folder. */
  rootNames(repoDir: string, at: GitOid): Promise<readonly string[]>;
  readFile(repoDir: string, at: GitOid, path: string): Promise<FileContent | undefined>;
  readBlobs(repoDir: string, oids: readonly GitOid[]): Promise<ReadonlyMap<GitOid, FileContent>>;
  /** What differs from `from` to `to`, renames recognised. */
  changedFiles(repoDir: string, from: GitOid, to: GitOid): Promise<readonly ChangedFile[]>;
}

/** Results of equal actions, per tenant. Holds `passed` and `failed`, never `unknown`. */
export interface ActionCache {
  get(tenant: TenantId, actionDigest: string): Promise<TestReport | undefined>;
  put(tenant: TenantId, report: TestReport): Promise<void>;
}

/** What attempts printed, per tenant; found by the digest in the attempt. */
export interface TestOutputs {
  keep(tenant: TenantId, attempt: TestAttempt, output: TestOutput): Promise<void>;
  /** Another task rests on it, so it is kept as long as if it were printed now. */
  renew(tenant: TenantId, attempt: TestAttempt): Promise<void>;
}
