import type { GitOid } from '#domain/ids.ts';
import { gitFault } from './errors.ts';

/** The name of no object: in a ref update it says that the ref must not be there. */
export const NO_OID = '0'.repeat(40);

/** Reads an object name that git printed. */
export function gitOid(text: string): GitOid {
  if (!/^[0-9a-f]{40}$/.test(text))
    throw gitFault('OBJECT_MISSING', `git gave no object name but: ${text.slice(0, 80)}`);
  // The cast is true: the line above proved it.
  return text as GitOid;
}

/** The parts of output that was written with `-z`. */
export function zeroParts(output: Buffer): string[] {
  const parts = output.toString('utf8').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
