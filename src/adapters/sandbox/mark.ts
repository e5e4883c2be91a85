import type { Random } from '#kernel/random.ts';

/** Marks all processes of one run in their environment, so that they are found again: see `endTree`. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

export function newMark(random: Random): Mark {
  return { name: 'MAESTRO_MARK', value: Buffer.from(random.bytes(12)).toString('hex') };
}
