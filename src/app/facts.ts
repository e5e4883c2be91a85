import type { ChangedFile } from '#domain/diff.ts';
import type { Environment } from '#domain/environment.ts';
import type { ChangeId, GitOid } from '#domain/ids.ts';
import type { Landing } from '#domain/landing.ts';
import type { ResolvedFile } from '#train/index.ts';
import type { TestReport } from '#domain/test-report.ts';

/** What the steps of one run found out, for card and evidence. Each step tells its part again on replay. */
export class Facts {
  base?: GitOid;
  environment?: Environment;
  /** The tests as they were on the base. */
  baseline?: TestReport;
  /** The tests on the changed tree, or on the tree that landed: the last one that was proved. */
  proof?: TestReport;
  /** The commit that the run made. */
  head?: { readonly commit: GitOid; readonly tree: GitOid };
  files?: readonly ChangedFile[];
  change?: ChangeId;
  landing?: Landing;
  /** Conflicts that were settled without a person when the change landed. */
  resolved?: readonly ResolvedFile[];
  summary?: string;
  /** What the runner says a reviewer should look at. */
  warnings?: readonly string[];
}
