import type { GitOid } from '#domain/ids.ts';
import type { LandingJob, LandParts } from './landing.ts';
import { aheadOf, type BasisAnswer, basisOf, standsOn, type TurnAnswer, turnAtHead, turnBehind } from './line.ts';

const LOOK_EVERY_MS = 200;
/** One durable step waits no longer, so that a run that waits gives way, stops and counts its time like any other. */
const LONGEST_LOOK_MS = 30_000;

type Waiting = Pick<LandParts, 'line' | 'clock' | 'forge'>;

/** Durable step: takes a place in the line, or keeps the one it has, and waits until it is known on what to build. */
export async function awaitBasis(parts: Waiting, job: LandingJob, signal: AbortSignal): Promise<BasisAnswer> {
  const { line, forge } = parts;
  const { change, branch } = job;
  await line.put({ base: null, tip: null });
  const answer = await looking(parts, signal, async () => {
    const places = await line.places();
    const next = basisOf(places, change.id, line.depth);
    if (next.kind === 'wait') return undefined;
    const [first] = aheadOf(places, change.id);
    if (first !== undefined && !standsOn(first, await forge.head(change.repo, branch))) return undefined;
    return next;
  });
  return answer ?? { kind: 'wait' };
}

/**
 * Durable step: tells the line what was found on `base`, and waits for those ahead. Whoever lost its place meanwhile takes
 * the last one, and then goes on only if nothing was lost by it.
 */
export async function awaitTurn(
  parts: Waiting,
  { change, branch }: LandingJob,
  found: { readonly base: GitOid; readonly tip: GitOid },
  signal: AbortSignal,
): Promise<TurnAnswer> {
  const { line, forge } = parts;
  await line.put(found);
  const answer = await looking(parts, signal, async () => {
    const behind = turnBehind(await line.places(), change.id, found.base);
    if (behind === 'wait') return undefined;
    // The line first, then the branch: whoever has landed moved the branch before it left the line.
    return behind ?? turnAtHead(found.base, await forge.head(change.repo, branch));
  });
  return answer ?? 'wait';
}

/** Asks now and then until there is an answer; undefined when there was none for as long as one step waits. */
async function looking<T>(
  { clock }: Waiting,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const since = clock.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || clock.now() - since >= LONGEST_LOOK_MS) return answer;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
