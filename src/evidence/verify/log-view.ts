import { readConsistency } from '../folder/consistency-file.ts';
import { FILES } from '../folder/names.ts';
import { type Checkpoint, openCheckpoint } from '../log/checkpoint.ts';
import { verifyConsistency } from '../log/consistency.ts';
import type { LogKey } from '../log/log-key.ts';
import type { FolderFiles } from '../ports.ts';
import type { Findings } from './failures.ts';
import { type Genuine, textOf } from './folder.ts';

const EARLIER = 'earlier checkpoint';

/**
 * All checkpoints must be states of one log: each statement's, the folder's own, and the one that the reader kept.
 * A dropped, changed or reordered entry shows against any checkpoint that came after it.
 */
export function checkLogView(
  log: LogKey,
  statements: readonly Genuine[],
  files: FolderFiles,
  earlierNote: string | undefined,
  findings: Findings,
): void {
  const now = openCheckpoint(textOf(files, FILES.checkpoint) ?? '', log);
  if (now === undefined) return findings.add('CHECKPOINT_INVALID', FILES.checkpoint, 'its signature is not of the log');
  const proofs = readConsistency(textOf(files, FILES.consistency) ?? '');
  const check = (name: string, then: Checkpoint): void => {
    const hashes = proofs.get(then.size) ?? (then.size === now.size ? [] : undefined);
    if (hashes === undefined) {
      return findings.add('LOG_REWRITTEN', name, `no proof from ${then.size} entries on; export again since then`);
    }
    const proof = { earlierSize: then.size, earlierRoot: then.root, size: now.size, root: now.root, hashes };
    if (!verifyConsistency(proof)) {
      findings.add('LOG_REWRITTEN', name, `the log of ${now.size} entries does not begin with those ${then.size}`);
    }
  };
  for (const { name, parts } of statements) check(name, { origin: log.origin, size: parts.size, root: parts.root });
  if (earlierNote === undefined) return;
  const earlier = openCheckpoint(earlierNote, log);
  if (earlier === undefined) return findings.add('CHECKPOINT_INVALID', EARLIER, 'it is not signed by this log');
  check(EARLIER, earlier);
}
