import { digestOf } from '#kernel/digest.ts';
import type { GitOid } from '#domain/ids.ts';
import type { SandboxProfile } from '#domain/sandbox.ts';

/** Everything that decides what a test command does; results are shared between equal ones. */
export interface TestAction {
  readonly command: readonly string[];
  readonly tree: GitOid;
  readonly environmentKey: string;
  readonly sandbox: SandboxProfile['kind'];
  readonly nodeVersion: string;
}

/** SHA-256 hex of the action's canonical JSON. */
export function actionDigest(action: TestAction): string {
  return digestOf({
    kind: 'test',
    version: 1,
    command: action.command,
    tree: action.tree,
    environment: action.environmentKey,
    sandbox: action.sandbox,
    node: action.nodeVersion,
  });
}
