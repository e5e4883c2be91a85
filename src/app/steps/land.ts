import { isMaestroError } from '#kernel/error.ts';
import type { Json } from '#kernel/json.ts';
import { appendEvent, deleteLandingPlace, moveRecordedHead, readEvents, SqlLandingLine } from '#adapters/sql/index.ts';
import type { Change } from '#domain/change.ts';
import { pathsOf } from '#domain/diff.ts';
import type { Environment } from '#domain/environment.ts';
import type { GitOid, PrincipalId } from '#domain/ids.ts';
import type { Landing } from '#domain/landing.ts';
import { DEFAULT_LANDING_ROUNDS, type Equipped, landChange, type LandingEnd, type LandingLine } from '#train/index.ts';
import { noteAutonomy } from '../governance/autonomy.ts';
import type { Ending } from '../tasks/ending.ts';
import type { House } from '../house.ts';
import type { Road } from '../road.ts';
import { confirmedMerges } from '../tenants/merges.ts';
import { checkTypes, testTree } from './prove.ts';

/** Runs of one task that may be superseded because the base moved under them, before a person is asked. */
const MOST_RUNS = 4;

/**
 * Brings the change on top of the one ahead of it in the landing line of the default branch, tests exactly that tree, moves the
 * branch by compare-and-swap when its turn has come, and reads it back.
 * A recipe that meets a conflict, or tests that fail together with what landed meanwhile, is done anew on the new base.
 */
export async function land(road: Road, environment: Environment, change: Change): Promise<Ending> {
  const { house, repo } = road;
  road.facts.change = change.id;
  const repoDir = house.repoDir(repo.id);
  const { ordinal } = road.tenant;
  // What the candidate of this round needs: its tree may name other packages than the base of the run.
  let current = environment;
  const verify = {
    equip: ({ tree }: { tree: GitOid }, signal: AbortSignal) =>
      equipped(house, () => house.environments.ensure({ ordinal, repoDir, commit: tree }, signal)),
    test: ({ tree }: { tree: GitOid }, signal: AbortSignal) => testTree(road, current, tree, signal),
    types: ({ tree }: { tree: GitOid }, signal: AbortSignal) => checkTypes(road, current, tree, signal),
  };
  const locks = {
    remake: (lock: { tree: GitOid; path: string; ours: string }, signal: AbortSignal) =>
      house.environments.remakeLock({ ordinal, repoDir, ...lock }, signal),
  };
  const paths = (await house.objects.changedFiles(repoDir, change.base, change.head)).flatMap(pathsOf);
  const { objects, forge, resolver, clock } = house;
  const line = lineOf(road, change);
  // Each of those ahead may leave once, beside the rounds that others from outside may cost.
  const maxRounds = DEFAULT_LANDING_ROUNDS + line.depth;
  const end = await landChange(
    { objects, forge, line, resolver, locks, clock, verify },
    { change, repoDir, branch: repo.defaultBranch, confirmed: await confirmedMerges(house, change), maxRounds },
    async (name, effect) => {
      const result = await landingStep(road, change, [...new Set(paths)], name, effect);
      if (name.startsWith('land.equip')) {
        // The casts are true: this step's result is what `equip` gives.
        const found = result as unknown as Equipped;
        if (found.kind === 'ready') road.facts.environment = current = found.with as unknown as Environment;
      }
      return result;
    },
  );
  return end.kind === 'landed' ? landed(road, change, end) : notLanded(road, change, end);
}

/** Packages that cannot be had are for a person to look at; what may pass by itself is tried again from the same step. */
async function equipped(house: House, ensure: () => Promise<{ readonly environment: Environment }>): Promise<Equipped> {
  try {
    return { kind: 'ready', with: { ...(await ensure()).environment } };
  } catch (error) {
    if (!isMaestroError(error) || !error.code.startsWith('ENVIRONMENT_') || (await house.disk.low())) throw error;
    const reason = { code: error.code, msg: error.message, field: 'change', fix: error.cure };
    return { kind: 'cannot', reasons: [reason] };
  }
}

function lineOf({ house, repo, run }: Road, { id, tenant }: Change): LandingLine {
  return new SqlLandingLine({
    sql: house.store.truth,
    clock: house.clock,
    depth: house.landingDepth,
    landing: { change: id, tenant, repo: repo.id, branch: repo.defaultBranch, run: run.record.id },
    write: (body) => run.write(body),
  });
}

/** Tests, package managers and the move are acts of the tenant: they go through policy. The rest only writes objects. */
function landingStep<T extends Json>(
  road: Road,
  change: Change,
  paths: readonly string[],
  name: string,
  effect: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const run = ({ signal }: { signal: AbortSignal }): Promise<T> => effect(signal);
  const subject = { kind: 'change', id: change.id, attributes: { repo: change.repo, paths } };
  if (name.startsWith('land.test')) return road.perform(name, 'run.command', subject, run);
  if (name.startsWith('land.equip') || name.startsWith('land.locks')) {
    return road.perform(name, 'environment.build', { kind: 'environment', id: change.repo }, run);
  }
  if (name.startsWith('land.move')) return road.perform(name, 'change.land', subject, run);
  return road.step(name, run);
}

async function landed(road: Road, change: Change, end: LandingEnd & { kind: 'landed' }): Promise<Ending> {
  const { house, repo, task, run, agent } = road;
  const { candidate, report, landedCommit, landedTree } = end;
  const landing = await road.step(
    'land.record',
    async (): Promise<Landing> => ({
      repo: repo.id,
      branch: repo.defaultBranch,
      change: change.id,
      changeBase: change.base,
      changeHead: change.head,
      testedBase: candidate.base,
      testedOnTopOf: candidate.onTopOf,
      testedTree: candidate.tree,
      landedCommit,
      landedTree,
      movedFrom: candidate.base,
      movedTo: candidate.commit,
      landedAt: house.clock.now(),
      landedBy: agent.id,
      approvedBy: await approvers(road, change),
    }),
    async (tx, { landedAt }) => {
      await house.forge.setState(tx, change.id, 'landed', { landedCommit });
      await deleteLandingPlace(tx, change.id);
      await moveRecordedHead(tx, { tenant: repo.tenant, id: repo.id, from: candidate.base, to: landedCommit });
      const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: agent.id };
      const data = {
        change: change.id,
        commit: landedCommit,
        tree: landedTree,
        base: candidate.base,
        onTopOf: candidate.onTopOf,
        how: candidate.how,
        resolved: candidate.resolved,
      };
      await appendEvent(tx, landedAt, { ...about, type: 'change.landed', data });
      await noteAutonomy(tx, house, task, agent.id);
    },
  );
  road.facts.landing = landing;
  road.facts.resolved = candidate.resolved;
  road.facts.proof = report;
  return { kind: 'landed', change: change.id, landing };
}

async function approvers({ house, task }: Road, change: Change): Promise<readonly PrincipalId[]> {
  const filter = { task: task.id, type: 'change.approved', limit: 100 } as const;
  const events = await readEvents(house.store.truth, task.tenant, filter);
  return [...new Set(events.filter(({ data }) => data['change'] === change.id).map(({ by }) => by))];
}

async function notLanded(road: Road, change: Change, end: Exclude<LandingEnd, { kind: 'landed' }>): Promise<Ending> {
  const { house, task, run, agent } = road;
  if (end.kind === 'already_there')
    return { kind: 'no_change', summary: 'what it would change is on the branch already' };
  const anew = await road.step(
    'land.stopped',
    async () => {
      const filter = { task: task.id, type: 'task.restarted', limit: MOST_RUNS } as const;
      const restarts = (await readEvents(house.store.truth, task.tenant, filter)).length;
      return task.work.kind === 'recipe' && change.state !== 'approved' && restarts + 1 < MOST_RUNS;
    },
    async (tx, again) => {
      await deleteLandingPlace(tx, change.id);
      if (again) return;
      await house.forge.setState(tx, change.id, 'needs_human', { asks: end.reasons });
      if (end.merge === undefined) return;
      const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: agent.id };
      const data = { change: change.id, head: change.head, ...end.merge };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'change.unsettled', data });
    },
  );
  road.facts.unsettled = anew ? undefined : end.merge;
  return { kind: anew ? 'again' : 'needs_human', reasons: end.reasons, change: change.id };
}
