import { appendEvent, type Judged, listJudged, listVerdicts, readEvents } from '#adapters/sql/index.ts';
import type { Tx } from '#kernel/sql.ts';
import type { PrincipalId, RepoId } from '#domain/ids.ts';
import type { Autonomy, Tenant } from '#domain/tenant.ts';
import { allowedAutonomy, AUTONOMY_WINDOW, type EarnedAutonomy, earnedAutonomy, lowest } from '#policy/index.ts';
import type { House } from '../house.ts';

const EVENTS = 10_000;

/** A repository and a kind of work: what autonomy is given to, earned and lost by. */
export type AutonomySubject = Judged;

export interface AutonomyNow {
  readonly level: Autonomy;
  /** What the tenant's rules allow. */
  readonly allowed: Autonomy;
  readonly earned: EarnedAutonomy;
}

/** Names by which a tenant's rules can speak of it: `repo:shop`, `recipe:codemod`, `agent:native`. */
function namesOf({ tenant, repo, work }: AutonomySubject): readonly string[] {
  return [`repo:${repo.slice(tenant.length + 1)}`, `${work.kind}:${work.name}`];
}

async function earnedBy(tx: Tx, subject: AutonomySubject): Promise<EarnedAutonomy> {
  const states = await listVerdicts(tx, subject);
  return earnedAutonomy(states.map((state) => (state === 'rejected' ? 'overridden' : 'kept')));
}

/** The level at which this work may act here now: the lowest of what is allowed and what was earned. */
export async function autonomyNow(tx: Tx, tenant: Tenant, subject: AutonomySubject): Promise<AutonomyNow> {
  const allowed = allowedAutonomy(tenant.policy, namesOf(subject));
  const earned = await earnedBy(tx, subject);
  return { level: lowest([allowed, earned.level]), allowed, earned };
}

/** The tenant as policy sees it for this work: its autonomy is the level of now. */
export async function withAutonomy(tx: Tx, tenant: Tenant, subject: AutonomySubject): Promise<Tenant> {
  const { level } = await autonomyNow(tx, tenant, subject);
  return { ...tenant, policy: { ...tenant.policy, autonomy: level } };
}

/** After a verdict, in its transaction: an event when the earned level is another one than before, with the numbers. */
export async function noteAutonomy(tx: Tx, house: House, subject: AutonomySubject, by: PrincipalId): Promise<void> {
  const { tenant, repo, work } = subject;
  const of = `${work.kind}:${work.name}`;
  const { level, verdicts, overridden } = await earnedBy(tx, subject);
  if (level === ((await lastLevel(tx, repo, of, subject)) ?? 'auto')) return;
  const why = `${overridden} of the last ${verdicts} changes were rejected by people (window ${AUTONOMY_WINDOW})`;
  const data = { repo, work: of, level, verdicts, overridden, why };
  await appendEvent(tx, house.clock.now(), { type: 'autonomy.changed', tenant, by, data });
}

async function lastLevel(tx: Tx, repo: RepoId, work: string, { tenant }: AutonomySubject): Promise<unknown> {
  const events = await readEvents(tx, tenant, { type: 'autonomy.changed', limit: EVENTS });
  return events.findLast(({ data }) => data['repo'] === repo && data['work'] === work)?.data['level'];
}

/** The levels of everything in a tenant that people have judged, by repository and kind of work. */
export async function autonomyOf(
  tx: Tx,
  tenant: Tenant,
): Promise<readonly (AutonomyNow & { readonly repo: RepoId; readonly work: string })[]> {
  const levels = [];
  for (const { repo, work } of await listJudged(tx, tenant.id)) {
    const subject = { tenant: tenant.id, repo, work };
    levels.push({ repo, work: `${work.kind}:${work.name}`, ...(await autonomyNow(tx, tenant, subject)) });
  }
  return levels;
}
