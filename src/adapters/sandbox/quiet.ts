import type { Clock } from '#kernel/clock.ts';
import { cpuOfFamily } from './proc.ts';

/** What a living program uses at least: one hundredth of a processor. Timers of an idle one stay far below. */
const LEAST_SHARE = 0.01;
const LOOKS = 10;

/** Resolves once a program has neither printed nor used processor time for `quietMs`; never before, and not at all when aborted. */
export async function whenQuiet(
  program: { readonly pid: number; readonly printedAt: () => number },
  quietMs: number,
  clock: Clock,
  over: AbortSignal,
): Promise<void> {
  let busyAt = clock.now();
  let [lookedAt, cpuMs] = [busyAt, 0];
  while (clock.now() - Math.max(busyAt, program.printedAt()) < quietMs) {
    await clock.sleep(quietMs / LOOKS, over);
    const [now, used] = [clock.now(), await cpuOfFamily(program.pid)];
    // Less than before: a process has ended, and took its time along.
    if (used < cpuMs || used - cpuMs >= (now - lookedAt) * LEAST_SHARE) busyAt = now;
    [lookedAt, cpuMs] = [now, used];
  }
}
