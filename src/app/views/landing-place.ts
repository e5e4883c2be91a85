import { findRepository, landingPlaces } from '#adapters/sql/index.ts';
import type { ChangeId, RepoId, TenantId } from '#domain/ids.ts';
import { aheadOf } from '#train/index.ts';
import type { House } from '../house.ts';

export type LandingPlace = {
  /** From 1: that one lands next. */
  readonly place: number;
  /** The change directly ahead; null for the first. */
  readonly ahead: string | null;
};

/** Where a change stands in the landing line of its branch; null when it is not landing. */
export async function landingPlace(
  { store, clock }: House,
  { tenant, repo, id }: { readonly tenant: TenantId; readonly repo: RepoId; readonly id: ChangeId },
): Promise<LandingPlace | null> {
  const { defaultBranch: branch } = (await findRepository(store.truth, tenant, repo)) ?? {};
  if (branch === undefined) return null;
  const line = await landingPlaces(store.truth, { repo, branch }, clock.now());
  if (!line.some(({ change }) => change === id)) return null;
  const ahead = aheadOf(line, id);
  return { place: ahead.length + 1, ahead: ahead.at(-1)?.change ?? null };
}

export function placeLine({ place, ahead }: LandingPlace): string {
  if (ahead === null) return 'is first in the landing line';
  return `waits for ${ahead} ahead of it, ${place} in the landing line`;
}
