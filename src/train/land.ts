import type { Json } from '#kernel/json.ts';
import { prepare } from './candidate.ts';
import type { Candidate, LandingJob, LandParts } from './landing.ts';
import { beginLanding, type LandingEnd, moved, prepared, readAs, tested } from './landing-state.ts';
import { remakeLocks } from './locks.ts';
import { move, readBack, test } from './move.ts';

/** Runs one durable step: gives its recorded result when it was done before. Names differ within one landing. */
export type DurableStep = <T extends Json>(name: string, effect: (signal: AbortSignal) => Promise<T>) => Promise<T>;

export const DEFAULT_LANDING_ROUNDS = 10;

/**
 * Lands one change: candidate, tests of exactly its tree, compare-and-swap, reading back; again from the start when someone else
 * was first, never by force. Carried on after a crash with the same `step`, it lands once.
 */
export async function landChange(
  parts: LandParts,
  job: LandingJob & { readonly maxRounds?: number },
  step: DurableStep,
): Promise<LandingEnd> {
  const maxRounds = job.maxRounds ?? DEFAULT_LANDING_ROUNDS;
  let state = beginLanding();
  while (state.at !== 'end') {
    const name = `land.${state.at}.${state.round}`;
    if (state.at === 'prepare') {
      state = prepared(state, await step(name, () => prepare(parts, job)));
    } else if (state.at === 'locks') {
      const { draft } = state;
      state = prepared(state, await step(name, (signal) => remakeLocks(parts, job, draft, signal)));
    } else if (state.at === 'test') {
      const { candidate } = state;
      await equip(parts, job, state, step);
      state = tested(state, await step(name, (signal) => test(parts, job, candidate, signal)));
    } else if (state.at === 'move') {
      const { candidate, report } = state;
      state = moved(state, await step(name, () => move(parts, job, candidate, report)), maxRounds);
    } else {
      const { candidate } = state;
      state = readAs(state, await step(name, () => readBack(parts, job, candidate)));
    }
  }
  return state.end;
}

/** A merged tree may need other packages than the one that the change was made on. */
async function equip(
  { verify }: LandParts,
  { change }: LandingJob,
  { candidate, round }: { readonly candidate: Candidate; readonly round: number },
  step: DurableStep,
): Promise<void> {
  if (candidate.how === 'as_proposed' || verify.equip === undefined) return;
  const { tree } = candidate;
  await step(
    `land.equip.${round}`,
    async (signal) => (await verify.equip?.({ repo: change.repo, tree }, signal)) ?? null,
  );
}
