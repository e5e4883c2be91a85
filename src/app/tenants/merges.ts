import { readEventsOf } from '#adapters/sql/index.ts';
import type { Change } from '#domain/change.ts';
import type { Event } from '#domain/event.ts';
import type { ResolvedFile, Unsettled } from '#train/index.ts';
import type { House } from '../house.ts';

/**
 * SHA-256 of every proposed merge of the change that a person has confirmed: what was shown last before the last approval.
 * A merge that came out otherwise since, because the branch moved on, was not shown and is proposed anew.
 */
export async function confirmedMerges(house: House, change: Change): Promise<readonly string[]> {
  const events = await mergeEvents(house, change, ['change.unsettled', 'change.approved']);
  const approved = events.findLastIndex(({ type }) => type === 'change.approved');
  const shown = events.slice(0, Math.max(approved, 0)).findLast(({ type }) => type === 'change.unsettled');
  return (shown === undefined ? [] : unsettledOf(shown).files).flatMap(({ tier, record }) =>
    tier === 'suggest' && record !== undefined ? [record.digests.merged] : [],
  );
}

/** The last merge of a change with its branch in which files conflicted. */
export interface LastMerge {
  /** The two sides, and the commit that holds what came of them. */
  readonly base: Unsettled['base'];
  readonly head: Change['head'];
  readonly commit: Unsettled['commit'];
  readonly files: readonly ResolvedFile[];
}

/** What was merged by syntax when the change landed, or what waits for a person; undefined where nothing conflicted. */
export async function lastMerge(house: House, change: Change): Promise<LastMerge | undefined> {
  const last = (await mergeEvents(house, change, ['change.unsettled', 'change.landed'])).at(-1);
  if (last === undefined) return undefined;
  if (last.type === 'change.unsettled') {
    return { ...unsettledOf(last), head: change.head };
  }
  // The cast is true: only `landed` writes this event.
  const data = last.data as unknown as LandedData;
  if (data.resolved.length === 0) return undefined;
  return { base: data.base, head: change.head, commit: data.commit, files: data.resolved };
}

interface LandedData {
  readonly base: Unsettled['base'];
  readonly commit: Unsettled['commit'];
  readonly resolved: readonly ResolvedFile[];
}

function unsettledOf({ data }: Event): Unsettled {
  // The cast is true: only `notLanded` writes this event.
  return data as unknown as Unsettled;
}

async function mergeEvents(house: House, change: Change, types: readonly Event['type'][]): Promise<readonly Event[]> {
  const events = await readEventsOf(house.store.truth, change.tenant, { tasks: [change.task], types });
  return events.filter(({ data }) => data['change'] === change.id);
}
