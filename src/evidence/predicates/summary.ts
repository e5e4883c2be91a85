import { z } from 'zod';
import type { Millis } from '#kernel/clock.ts';
import type { Task, TaskState } from '#domain/task.ts';
import { isoTime } from '#kernel/iso-time.ts';
import type { LogKey } from '../log/log-key.ts';
import { statement, type Statement, type Subject } from '../statement.ts';
import { repoUri, SUMMARY } from '../uris.ts';

const VERIFIER = 'https://maestro-conductor.dev/conductor/v1';
const POLICY = 'https://maestro-conductor.dev/policy/v1';

const sha256Only = z.object({ sha256: z.string() });

/** SLSA verification summary v1, which closes a dossier: it lists every other statement, and the log's key. */
export const summarySchema = z.object({
  verifier: z.object({ id: z.literal(VERIFIER), version: z.record(z.string(), z.string()) }),
  timeVerified: z.string(),
  resourceUri: z.string(),
  policy: z.object({ uri: z.string(), digest: sha256Only }),
  inputAttestations: z.array(z.object({ uri: z.string(), digest: sha256Only })),
  verificationResult: z.enum(['PASSED', 'FAILED']),
  verifiedLevels: z.array(z.string()).min(1),
  slsaVersion: z.string(),
  maestro_task: z.object({ id: z.string(), attempt: z.int(), state: z.string() }),
  maestro_log: z.object({ origin: z.string(), logId: z.string() }),
});
export type Summary = z.infer<typeof summarySchema>;

/** What the conductor knows when a task has come to its end. */
export interface Closing {
  /** In its end state. */
  readonly task: Task;
  readonly attempt: number;
  /** SHA-256 hex of the rules that decided last. */
  readonly policyDigest: string;
  readonly closedAt: Millis;
  readonly maestroVersion: string;
}

/** Levels that we can stand for, by the end of the task. SLSA's own levels are not claimed. */
const LEVELS: { readonly [state in TaskState]?: string } = Object.freeze({
  landed: 'MAESTRO_LANDED_AS_TESTED',
  no_change: 'MAESTRO_NO_CHANGE_NEEDED',
});

/** `inputs` are the other statements of the dossier: file name and SHA-256 hex of the payload. */
export function summaryStatement(
  subjects: readonly Subject[],
  closing: Closing,
  log: LogKey,
  inputs: readonly { readonly file: string; readonly digest: string }[],
): Statement {
  const level = LEVELS[closing.task.state];
  const predicate: Summary = {
    verifier: { id: VERIFIER, version: { maestro: closing.maestroVersion } },
    timeVerified: isoTime(closing.closedAt),
    resourceUri: repoUri(closing.task.repo),
    policy: { uri: POLICY, digest: { sha256: closing.policyDigest } },
    inputAttestations: inputs.map(({ file, digest }) => ({ uri: file, digest: { sha256: digest } })),
    verificationResult: level === undefined ? 'FAILED' : 'PASSED',
    verifiedLevels: [level ?? 'FAILED'],
    slsaVersion: '1.0',
    maestro_task: { id: closing.task.id, attempt: closing.attempt, state: closing.task.state },
    maestro_log: { origin: log.origin, logId: log.logId },
  };
  return statement({ subject: subjects, predicateType: SUMMARY, predicate });
}
