import type { GitOid, RepoId, TenantId } from './ids.ts';

/** A repository of one tenant, kept as a bare repository in the data directory. */
export interface Repository {
  readonly id: RepoId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly defaultBranch: string;
  readonly head: GitOid;
  /** Where it was taken from: a path or an address. */
  readonly origin: string;
  /** The test command as arguments; absent means: find the repository's own. */
  readonly testCommand?: readonly string[];
}
