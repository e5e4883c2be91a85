import type { GitOid } from './ids.ts';
import type { Reason } from './reason.ts';
import type { SandboxProfile } from './sandbox.ts';

/** One run of the test command. `unknown`: stopped before it could answer. */
export type TestAttempt = {
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly exitCode: number | null;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** SHA-256 hex of stdout followed by stderr, as far as they were kept. */
  readonly outputDigest: string;
};

/**
 * The outcome of one test command on exactly one tree. A failed run is done once more: fail then pass is `passed` and `flaky`.
 * `unknown` (no command, cancelled, out of time) is never red and never green, and says why in `reasons`.
 */
export type TestReport = {
  readonly tree: GitOid;
  /** Empty when no test command was found. */
  readonly command: readonly string[];
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly flaky: boolean;
  /** At most two, in order. */
  readonly attempts: readonly TestAttempt[];
  /** Tests that passed in the last attempt as its summary says; null when no known summary was printed. */
  readonly testsPassed: number | null;
  readonly reasons: readonly Reason[];
  /** Of the last attempt. */
  readonly exitCode: number | null;
  /** Sum over the attempts. */
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Last part of the last attempt's output, at most 4000 characters, for cards and prompts; `TestOutput` is all of it. */
  readonly outputTail: string;
  readonly outputDigest: string;
  readonly environmentKey: string;
  readonly sandbox: SandboxProfile;
  /** SHA-256 hex over command, tree, environment, sandbox and Node version: equal actions have equal results. */
  readonly actionDigest: string;
  /** True when the result was taken from the cache of an equal action. */
  readonly cached: boolean;
  /** Other runs that this answer rests on: checks of types before and after a merge, and the tests where those decided. */
  readonly beside?: readonly TestReport[];
};

/** What one attempt printed: plain text without keys of ours. */
export type TestOutput = {
  readonly stdout: string;
  readonly stderr: string;
  /** False when there was more of one; what was dropped stood before what is here. */
  readonly whole: boolean;
};
