import type { BundleParts } from '../bundle.ts';
import { preAuthEncoding } from '../dsse.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { leafHash } from '../log/hash.ts';
import { verifyInclusion } from '../log/inclusion.ts';
import type { LogKey } from '../log/log-key.ts';
import { readLogBody } from '../log-body.ts';
import type { PublicKey } from '../public-key.ts';
import type { FailureCode } from './failures.ts';

export interface Broken {
  readonly code: FailureCode;
  readonly why: string;
}

/** Whether the pinned key signed this payload, and the logged entry is of it; undefined when both hold. */
export function brokenSignature(parts: BundleParts, key: PublicKey): Broken | undefined {
  const logged = readLogBody(parts.body);
  const claimsOther = parts.keyHint !== key.keyId;
  if (key.verifies(preAuthEncoding(parts.payload), parts.signature)) {
    if (claimsOther) return { code: 'KEY_SWAPPED', why: `the bundle claims key ${parts.keyHint}` };
    const same =
      logged?.kind === parts.bodyKind &&
      logged.isOf(parts.payload) &&
      logged.signature.equals(parts.signature) &&
      logged.keyDer.equals(key.der);
    return same ? undefined : { code: 'INCLUSION_INVALID', why: 'the log entry is of another statement' };
  }
  if (claimsOther || (logged !== undefined && !logged.keyDer.equals(key.der))) {
    return { code: 'KEY_SWAPPED', why: `signed by key ${parts.keyHint}, pinned is ${key.keyId}` };
  }
  if (logged !== undefined && !logged.isOf(parts.payload)) {
    return { code: 'PAYLOAD_CHANGED', why: `the log has digest ${logged.digest}` };
  }
  return { code: 'SIGNATURE_INVALID', why: 'the pinned key did not make this signature over this payload' };
}

/** Whether the log, by its own signed checkpoint, holds the entry; undefined when it does. */
export function brokenInclusion(parts: BundleParts, log: LogKey): Broken | undefined {
  const checkpoint = openCheckpoint(parts.checkpoint, log);
  if (checkpoint === undefined) return { code: 'CHECKPOINT_INVALID', why: 'its signature is not of the log' };
  const [index, proofIndex] = parts.indexes;
  const { size, root, path } = parts;
  const agree =
    parts.logId === log.logId && index === proofIndex && size === checkpoint.size && root === checkpoint.root;
  if (!agree) return { code: 'INCLUSION_INVALID', why: 'entry, proof and checkpoint name different places in the log' };
  if (verifyInclusion({ index, size, leaf: leafHash(parts.body), root, hashes: path })) return undefined;
  return {
    code: 'INCLUSION_INVALID',
    why: `the proof for entry ${index} does not lead to the root of ${size} entries`,
  };
}
