import type { GitOid } from './ids.ts';
import type { SandboxProfile } from './sandbox.ts';

/** The outcome of one test command on exactly one tree. `unknown` (cancelled, timed out before it began) is never red. */
export interface TestReport {
  readonly tree: GitOid;
  readonly command: readonly string[];
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly exitCode: number | null;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Last part of the output, for people. */
  readonly outputTail: string;
  readonly outputDigest: string;
  readonly environmentKey: string;
  readonly sandbox: SandboxProfile;
  /** True when the result was taken from the cache of an equal action. */
  readonly cached: boolean;
}
