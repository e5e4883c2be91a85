import { z } from 'zod';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.array(z.strictObject({ from: z.int().min(0), hashes: z.array(hex) }));

/** Proofs that the log of `from` leaves is the beginning of the log of the folder's checkpoint. */
export type ConsistencyProofs = ReadonlyMap<number, readonly string[]>;

export function consistencyText(proofs: ConsistencyProofs): string {
  const rows = [...proofs].sort(([a], [b]) => a - b).map(([from, hashes]) => ({ from, hashes }));
  return `${JSON.stringify(rows)}\n`;
}

/** Empty when the text is not of this form: then nothing is proved. */
export function readConsistency(text: string): ConsistencyProofs {
  try {
    return new Map(schema.parse(JSON.parse(text)).map(({ from, hashes }) => [from, hashes]));
  } catch {
    return new Map(); // not of this form: proves nothing, which is the answer
  }
}
