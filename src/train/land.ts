import type { Json } from '#kernel/json.ts';
import { prepare } from './candidate.ts';
import type { Candidate, LandingJob, LandParts } from './landing.ts';
import {
  based,
  beginLanding,
  type LandingEnd,
  type LandingState,
  moved,
  prepared,
  readAs,
  standingOf,
  tested,
  turned,
  unequipped,
} from './landing-state.ts';
import { remakeLocks } from './locks.ts';
import { move, readBack, test } from './move.ts';
import type { Equipped } from './ports.ts';
import { awaitBasis, awaitTurn } from './wait.ts';

/** Runs one durable step: gives its recorded result when it was done before. Names differ within one landing. */
export type DurableStep = <T extends Json>(name: string, effect: (signal: AbortSignal) => Promise<T>) => Promise<T>;

export const DEFAULT_LANDING_ROUNDS = 10;

/**
 * Lands one change: basis, candidate, tests of exactly its tree, its turn in the line, compare-and-swap, reading back; again
 * from the start when someone else was first or left ahead of it, never by force. Carried on after a crash with the same
 * `step`, it lands once.
 */
export async function landChange(
  parts: LandParts,
  job: LandingJob & { readonly maxRounds?: number },
  step: DurableStep,
): Promise<LandingEnd> {
  const maxRounds = job.maxRounds ?? DEFAULT_LANDING_ROUNDS;
  let state = beginLanding();
  while (state.at !== 'end') {
    const name = stepName(state);
    if (state.at === 'basis') {
      state = based(state, await step(name, (signal) => awaitBasis(parts, job, signal)));
    } else if (state.at === 'prepare') {
      const { on } = state;
      state = prepared(state, await step(name, () => prepare(parts, job, on)));
    } else if (state.at === 'locks') {
      const { draft } = state;
      state = prepared(state, await step(name, (signal) => remakeLocks(parts, job, draft, signal)));
    } else if (state.at === 'test') {
      const { candidate } = state;
      const equipped = await equip(parts, job, state, step);
      state =
        equipped.kind === 'cannot'
          ? unequipped(state, equipped.reasons)
          : tested(state, await step(name, (signal) => test(parts, job, candidate, signal)));
    } else if (state.at === 'turn') {
      const found = standingOf(state.verdict);
      state = turned(state, await step(name, (signal) => awaitTurn(parts, job, found, signal)), maxRounds);
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

/** `land.turn.2` is the turn of the second round; a wait of several steps numbers those that follow, `land.turn.2.2`. */
function stepName(state: Exclude<LandingState, { at: 'end' }>): string {
  const name = `land.${state.at}.${state.round}`;
  return 'look' in state && state.look > 1 ? `${name}.${state.look}` : name;
}

/** What would land may need other packages than what the change was made on, also as it was proposed: it may bring a lock. */
async function equip(
  { verify }: LandParts,
  { change }: LandingJob,
  { candidate, round }: { readonly candidate: Candidate; readonly round: number },
  step: DurableStep,
): Promise<Equipped> {
  const ready: Equipped = { kind: 'ready', with: null };
  if (verify.equip === undefined) return ready;
  const request = { repo: change.repo, tree: candidate.tree };
  return step(`land.equip.${round}`, async (signal) => (await verify.equip?.(request, signal)) ?? ready);
}
