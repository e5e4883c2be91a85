import type { Change } from '#domain/change.ts';
import type { Reason } from '#domain/reason.ts';
import type { ResolvedFile } from '#train/index.ts';
import type { House } from '../house.ts';
import { lastMerge } from '../tenants/merges.ts';
import { type LandingPlace, landingPlace } from './landing-place.ts';

export type ChangeDocument = {
  readonly id: string;
  readonly tenant: string;
  readonly repo: string;
  readonly task: string;
  readonly branch: string;
  readonly state: Change['state'];
  readonly title: string;
  readonly base: string;
  readonly head: string;
  readonly openedAt: number;
  readonly landed: string | null;
  /** Why it waits for a person; empty when it does not. */
  readonly waitsFor: readonly Reason[];
};

export function changeDocument(change: Change): ChangeDocument {
  const { id, tenant, repo, task, branch, state, title, base, head, openedAt, asks } = change;
  const landed = change.landedCommit ?? null;
  return { id, tenant, repo, task, branch, state, title, base, head, openedAt, landed, waitsFor: asks };
}

export type ChangeDetails = ChangeDocument & {
  readonly body: string;
  readonly checks: readonly { readonly name: string; readonly outcome: string; readonly summary: string }[];
  /** Markdown of the last Decision Card; null while there is none. */
  readonly card: string | null;
  readonly evidence: string;
  readonly waitsSince: number | null;
  /** Its place in the landing line; null when it is not landing. */
  readonly line: LandingPlace | null;
  /** How each file was merged that conflicted, the last time: tier, rule, confidence, reasons, digests and gates. */
  readonly merge: readonly ResolvedFile[];
  readonly comments: readonly { readonly author: string; readonly body: string; readonly at: number }[];
};

export async function changeDetails(house: House, change: Change): Promise<ChangeDetails> {
  const comments = await house.forge.comments(change.id);
  const checks = await house.forge.checks(change.id);
  const card = comments.findLast(({ marker }) => marker.startsWith('card/'))?.body ?? null;
  return {
    ...changeDocument(change),
    body: change.body,
    checks: checks.map(({ name, outcome, summary }) => ({ name, outcome, summary })),
    card,
    evidence: change.task,
    merge: (await lastMerge(house, change))?.files ?? [],
    waitsSince: change.state === 'needs_human' ? change.openedAt : null,
    line: await landingPlace(house, change),
    comments: comments.map(({ author, body, at }) => ({ author, body, at })),
  };
}

/** The change as a patch, bytes that are not UTF-8 shown as U+FFFD. */
export async function changeDiff(house: House, change: Change): Promise<string> {
  return new TextDecoder().decode(await house.objects.patch(house.repoDir(change.repo), change.base, change.head));
}
