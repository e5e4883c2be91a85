import { sha256 } from '#kernel/digest.ts';
import type { Tx } from '#kernel/sql.ts';
import { appendEvent, changeTask, findTask, listDecisions, readEvents } from '#adapters/sql/index.ts';
import type { GitOid } from '#domain/ids.ts';
import type { DecisionCard } from '#domain/decision-card.ts';
import type { Task, TaskState } from '#domain/task.ts';
import {
  changeSubject,
  decisionCardStatement,
  landingStatement,
  pluginsStatement,
  type PluginUse,
  policyDecisionsStatement,
  provenanceStatement,
  renderCard,
  type Statement,
  type Subject,
  taskSubject,
  testResultStatement,
} from '#evidence/index.ts';
import { admit } from '../tasks/admit.ts';
import { decisionsWithOverrides, overrideWarnings } from '../governance/lift.ts';
import { endCard, refusalCard } from '../tasks/card.ts';
import { type Ending, reasonsOf } from '../tasks/ending.ts';
import type { House } from '../house.ts';
import { pluginUses } from '../plugin/uses.ts';
import type { Road } from '../road.ts';
import { countEnd } from '../qos/starts.ts';
import { StepFault } from '../tasks/step-fault.ts';
import { settleUsage, type Used, usedBy } from '../tasks/run-usage.ts';
import { NO_MODEL } from '#domain/plan.ts';

const EVENT_PAGE = 10_000;

/**
 * Ends the run: card beside the change, then in one transaction the settlement, the evidence, the task's state and the
 * last events. `again` settles as well, and reserves for the next run. A task that was cancelled meanwhile stays so.
 */
export async function close(road: Road, ending: Ending): Promise<Ending> {
  const { house, task, run } = road;
  road.ending();
  const used = await usedBy(house, run);
  const uses = await pluginUses(road);
  if (ending.kind === 'again') {
    await closeUnlessCancelled(road, used, (tx) => startAgain(tx, road, ending, used));
  } else {
    const lifted = await overrideWarnings(house.store.truth, task);
    const card = endCard(task, road.repo, ending, road.facts, { ...used, lifted });
    const subject = await subjectOf(road);
    await cardOnChange(road, card);
    await closeUnlessCancelled(road, used, (tx) => end(tx, road, { ending, used, card, subject, uses }));
  }
  await house.workspaces.remove(run.record.id);
  return ending;
}

async function closeUnlessCancelled(road: Road, used: Used, body: (tx: Tx) => Promise<void>): Promise<void> {
  const { run, task } = road;
  await run.close(async (tx) => {
    const isCancelled = (await findTask(tx, task.tenant, task.id))?.state === 'cancelled';
    await (isCancelled ? endCancelled(tx, road, used) : body(tx));
  });
}

/** The change that this run made: what landed, or what it would have landed. */
function madeBy({ facts }: Road): { from: GitOid; commit: GitOid; tree: GitOid } | undefined {
  if (facts.landing !== undefined) {
    const { movedFrom, landedCommit, landedTree } = facts.landing;
    return { from: movedFrom, commit: landedCommit, tree: landedTree };
  }
  if (facts.head === undefined || facts.base === undefined) return undefined;
  return { from: facts.base, commit: facts.head.commit, tree: facts.head.tree };
}

async function subjectOf(road: Road): Promise<Subject> {
  const { house, repo, task } = road;
  const made = madeBy(road);
  if (made === undefined) return taskSubject(task);
  const patch = await house.patch(repo.id, made.from, made.commit);
  return changeSubject({ repo: repo.id, commit: made.commit, tree: made.tree, patchSha256: sha256(patch) });
}

async function cardOnChange(road: Road, card: DecisionCard): Promise<void> {
  const { house, facts, run } = road;
  const change = facts.change;
  if (change === undefined) return;
  await road
    .step('card', async () => {
      const marker = `card/${run.record.id}`;
      await house.forge.comment(change, {
        marker,
        author: house.system,
        body: renderCard(card),
        at: run.record.startedAt,
      });
      return null;
    })
    .catch((error: unknown) => {
      if (!(error instanceof StepFault)) throw error;
      // The card is in the evidence all the same, and a task ends also when nobody can comment on its change.
      house.log.log('warn', 'the card was not put beside the change', { task: road.task.id, code: error.reason.code });
    });
}

async function end(
  tx: Tx,
  road: Road,
  what: {
    ending: Exclude<Ending, { kind: 'again' }>;
    used: Used;
    card: DecisionCard;
    subject: Subject;
    uses: readonly PluginUse[];
  },
): Promise<void> {
  const { house, task, run } = road;
  const { ending, used, card, subject, uses } = what;
  const state: TaskState = ending.kind;
  const reasons = reasonsOf(ending);
  const at = house.clock.now();
  const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
  await settleUsage(tx, house, run, task, used);
  await changeTask(tx, { tenant: task.tenant, id: task.id, from: 'running', to: state, reasons, run: run.record });
  await countEnd(tx, house, task, reasons);
  const made = madeBy(road);
  const patch = { from: made?.from ?? null, to: made?.commit ?? null };
  const change = road.facts.change ?? null;
  const data = { state, reasons, costNano: used.costNano, slotMs: used.slotMs, change, ...patch };
  await appendEvent(tx, at, { ...about, type: 'task.ended', data });
  const ended: Task = { ...task, state, reasons };
  await writeDossier(tx, house, ended, subject, card, await runStatements(tx, road, subject, uses));
}

/** The task was cancelled while this run was under way: what it used is settled, and evidence says so. */
export async function closeCancelled(road: Road): Promise<void> {
  const { house, run } = road;
  const used = await usedBy(house, run);
  await run.close((tx) => endCancelled(tx, road, used));
  await house.workspaces.remove(run.record.id);
}

async function endCancelled(tx: Tx, road: Road, used: Used): Promise<void> {
  const { house, run } = road;
  const task: Task = { ...road.task, state: 'cancelled', reasons: [] };
  await settleUsage(tx, house, run, task, used);
  await countEnd(tx, house, task, []);
  await house.forge.closeOpen(tx, task);
  await closeRefused(tx, house, task);
}

async function startAgain(tx: Tx, road: Road, ending: Ending, used: Used): Promise<void> {
  const { house, task, run } = road;
  await settleUsage(tx, house, run, task, used);
  const about = { tenant: task.tenant, task: task.id, run: run.record.id, by: house.system };
  await appendEvent(tx, house.clock.now(), { ...about, type: 'task.restarted', data: { reasons: reasonsOf(ending) } });
  if (ending.kind === 'again' && ending.change !== undefined) await house.forge.setState(tx, ending.change, 'closed');
  await admit(tx, house, { ...task, state: 'running' });
}

async function runStatements(
  tx: Tx,
  road: Road,
  subject: Subject,
  uses: readonly PluginUse[],
): Promise<readonly [string, Statement][]> {
  const { house, task, run, facts, agent } = road;
  const statements: [string, Statement][] = [];
  if (facts.base !== undefined && facts.environment !== undefined) {
    const decisions = await listDecisions(tx, task.tenant, task.id);
    const provenance = provenanceStatement(subject, {
      task,
      run: run.record.id,
      agent: agent.id,
      base: facts.base,
      environmentKey: facts.environment.key,
      sandbox: house.sandbox.profile,
      plan: facts.plan ?? NO_MODEL,
      ...(facts.conduct === undefined ? {} : { conduct: facts.conduct }),
      plugins: uses.map(({ id, version, digests }) => ({ id, version, digest: digests.module })),
      policyDigest: decisions.at(-1)?.policyDigest ?? '',
      events: await readEvents(tx, task.tenant, { task: task.id, limit: EVENT_PAGE }),
      startedAt: run.record.startedAt,
      finishedAt: house.clock.now(),
      maestroVersion: house.version,
    });
    statements.push(['provenance', provenance]);
  }
  if (uses.length > 0) statements.push(['plugins', pluginsStatement(subject, uses)]);
  if (facts.proof !== undefined) statements.push(['test-result', testResultStatement(subject, facts.proof)]);
  if (facts.landing !== undefined) statements.push(['landing', landingStatement(subject, facts.landing)]);
  return statements;
}

/** Evidence of a task that was refused at the door: card, decisions and summary. */
export async function closeRefused(tx: Tx, house: House, task: Task): Promise<void> {
  await writeDossier(tx, house, task, taskSubject(task), refusalCard(task), []);
}

async function writeDossier(
  tx: Tx,
  house: House,
  task: Task,
  subject: Subject,
  card: DecisionCard,
  statements: readonly (readonly [string, Statement])[],
): Promise<void> {
  const { evidence } = house;
  const attempt = (await evidence.lastAttempt(tx, task.id)) + 1;
  const dossier = { task: task.id, attempt };
  const decided = await decisionsWithOverrides(tx, task);
  const all: readonly (readonly [string, Statement])[] = [
    ...statements,
    ['policy-decisions', policyDecisionsStatement(subject, decided)],
    ['decision-card', decisionCardStatement(subject, card)],
  ];
  for (const [name, statement] of all) await evidence.record(tx, { dossier, name, statement });
  await evidence.close(tx, subject, {
    task,
    attempt,
    policyDigest: decided.at(-1)?.policyDigest ?? '',
    closedAt: house.clock.now(),
    maestroVersion: house.version,
  });
  const data = { attempt, statements: [...all.map(([name]) => name), 'summary'] };
  const about = { tenant: task.tenant, task: task.id, by: house.system };
  await appendEvent(tx, house.clock.now(), { ...about, type: 'evidence.signed', data });
}
