import type { Signer } from '../ports.ts';
import type { LogKey } from './log-key.ts';

const KEY_ID_BYTES = 4;
const TEXT = /^(?<origin>[^\s+]+)\n(?<size>0|[1-9]\d{0,14})\n(?<root>[A-Za-z0-9+/]{43}=)\n$/;
const SIGNATURE = /^— (?<name>[^\s+]+) (?<value>[A-Za-z0-9+/]+={0,2})$/;

/** The state of a log at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Merkle tree hash, hex. */
  readonly root: string;
}

/** A signed note (C2SP signed-note): origin, size and root, a blank line, one signature line of the log. */
export async function signCheckpoint(checkpoint: Checkpoint, log: LogKey, signer: Signer): Promise<string> {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${Buffer.from(checkpoint.root, 'hex').toString('base64')}\n`;
  const signature = await signer.sign(Buffer.from(text));
  const value = Buffer.concat([keyIdOf(log), signature]).toString('base64');
  return `${text}\n— ${log.origin} ${value}\n`;
}

/** Reads a signed note of this log; undefined when it is not one or its signature is not the log's. Lines of other signers are skipped. */
export function openCheckpoint(note: string, log: LogKey): Checkpoint | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const text = note.slice(0, end + 1);
  const { origin, size, root } = TEXT.exec(text)?.groups ?? {};
  if (origin !== log.origin || size === undefined || root === undefined) return undefined;
  const signed = note
    .slice(end + 2, -1)
    .split('\n')
    .some((line) => isSignatureOf(log, line, text));
  return signed ? { origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex') } : undefined;
}

function isSignatureOf(log: LogKey, line: string, text: string): boolean {
  const { name, value } = SIGNATURE.exec(line)?.groups ?? {};
  if (name !== log.origin || value === undefined) return false;
  const bytes = Buffer.from(value, 'base64');
  if (!bytes.subarray(0, KEY_ID_BYTES).equals(keyIdOf(log))) return false;
  return log.key.verifies(Buffer.from(text), bytes.subarray(KEY_ID_BYTES));
}

function keyIdOf(log: LogKey): Buffer {
  return Buffer.from(log.logId, 'hex').subarray(0, KEY_ID_BYTES);
}
