import { getPriority, setPriority } from 'node:os';

/** Niceness that the confined process starts with, where that is allowed. */
export const URGENT = -10;

/** Makes the thread that calls as urgent as any other program and no more; the kernel always lets a thread step back. */
export function giveUpUrgency(): void {
  if (getPriority(0) < 0) setPriority(0, 0);
}
