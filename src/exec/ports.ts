import type { GitOid } from '#domain/ids.ts';
import type { TestReport } from '#domain/test-report.ts';

/** Files of one tree on disk, outside any run's workspace, so that what is tested is exactly what the tree holds. */
export interface Trees {
  /** Writes the tree's files to a fresh folder owned by the tenant's sandbox user. */
  materialise(request: {
    repoDir: string;
    tree: GitOid;
    ordinal: number;
  }): Promise<{ readonly dir: string; remove(): Promise<void> }>;
}

/** Results of equal actions, per tenant. */
export interface ActionCache {
  get(tenant: string, actionDigest: string): Promise<TestReport | undefined>;
  put(tenant: string, actionDigest: string, report: TestReport): Promise<void>;
}
