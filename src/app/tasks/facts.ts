import type { ModelUse } from '#agents/index.ts';
import type { ChangedFile } from '#domain/diff.ts';
import type { Environment } from '#domain/environment.ts';
import type { ChangeId, GitOid } from '#domain/ids.ts';
import type { Landing } from '#domain/landing.ts';
import type { ModelPlan, Rung } from '#domain/plan.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import type { ResolvedFile, Unsettled } from '#train/index.ts';

/** One rung of the ladder that was tried. */
export interface RungFact extends Rung {
  readonly used: ModelUse;
  /** Why it did not do; undefined where it did. */
  readonly failed: Reason | undefined;
  /** The model that was asked next. */
  readonly next: string | undefined;
}

/** What the steps of one run found out, for card and evidence. Each step tells its part again on replay. */
export class Facts {
  /** What the run thought with; absent for a recipe. */
  plan?: ModelPlan;
  /** The system prompt that stated the conduct, where Maestro's own agent worked. */
  conduct?: { readonly version: number; readonly digest: string };
  /** Every rung that was tried, in order. */
  readonly rungs: RungFact[] = [];
  base?: GitOid;
  environment?: Environment;
  /** The tests as they were on the base. */
  baseline?: TestReport;
  /** The tests on the changed tree, or on the tree that landed: the last one that was proved. */
  proof?: TestReport;
  /** The commit that the run made. */
  head?: { readonly commit: GitOid; readonly tree: GitOid } | undefined;
  files?: readonly ChangedFile[];
  change?: ChangeId;
  landing?: Landing;
  /** Conflicts that were settled when the change landed. */
  resolved?: readonly ResolvedFile[];
  /** A merge that waits for a person. */
  unsettled?: Unsettled | undefined;
  summary?: string;
  /** What the runner says a reviewer should look at. */
  warnings?: readonly string[];
}
