import { appendEvent } from '#adapters/sql/index.ts';
import { type Change } from '#domain/change.ts';
import { pathsOf } from '#domain/diff.ts';
import type { GitOid } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { TestReport } from '#domain/test-report.ts';
import { duplicateReason } from '#train/index.ts';
import { decide } from '../perform.ts';
import { frozenAsk } from '../qos/frozen.ts';
import type { Road } from '../road.ts';
import type { Inspection } from './inspect.ts';

export type Proposal = { readonly change: Change; readonly asks: readonly Reason[] };

/** Pushes the branch and opens the change; twice is the same as once, since both are known by the branch. */
export async function propose(
  road: Road,
  base: GitOid,
  diff: Inspection,
  proof: TestReport,
  asks: readonly Reason[],
): Promise<Proposal> {
  const { house, repo, run } = road;
  const branch = `maestro/${run.record.id}`;
  const paths = [...new Set(diff.files.flatMap(pathsOf))];
  await road.perform(
    'push',
    'change.push',
    { kind: 'branch', id: branch, attributes: { repo: repo.id, paths } },
    async () => house.forge.pushBranch({ repo: repo.id, branch, from: null, to: diff.head }),
  );
  const proposal = await openChange(road, { branch, base, diff, paths, asks });
  road.facts.change = proposal.change.id;
  const { id } = proposal.change;
  await road.perform('check', 'change.propose', { kind: 'change', id, attributes: { repo: repo.id } }, async () => {
    const passed = proof.testsPassed === null ? '' : `, ${proof.testsPassed} tests passed`;
    const summary = `${proof.command.join(' ')} on tree ${proof.tree}${passed}`;
    await house.forge.setCheck(id, { name: 'tests', outcome: proof.outcome, summary });
    return null;
  });
  return proposal;
}

async function openChange(
  road: Road,
  what: { branch: string; base: GitOid; diff: Inspection; paths: readonly string[]; asks: readonly Reason[] },
): Promise<Proposal> {
  const { house, repo, run, tenant, task, agent } = road;
  const { branch, base, diff, paths } = what;
  return road.perform(
    'propose',
    'change.propose',
    { kind: 'change', id: branch, attributes: { repo: repo.id, paths } },
    async (): Promise<Proposal> => {
      const twins = await house.forge.twins({ repo: repo.id, branch, base, head: diff.head });
      const change = await house.forge.open({
        tenant: tenant.id,
        repo: repo.id,
        task: task.id,
        run: run.record.id,
        branch,
        base,
        head: diff.head,
        title: road.facts.summary ?? task.work.name,
        body: bodyOf(road, diff),
        author: agent.id,
      });
      const duplicate = duplicateReason(twins);
      const asks = [
        ...what.asks,
        ...(duplicate === undefined ? [] : [duplicate]),
        ...(await policyAsks(road, change, paths)),
        ...(await frozenAsk(house, task)),
      ];
      return { change, asks };
    },
    async (tx, { change, asks }) => {
      if (asks.length > 0) await house.forge.setState(tx, change.id, 'needs_human', { asks });
      const about = { tenant: tenant.id, task: task.id, run: run.record.id, by: agent.id };
      const data = { change: change.id, branch, base, head: diff.head, files: diff.files.length };
      await appendEvent(tx, house.clock.now(), { ...about, type: 'change.opened', data });
      if (asks.length > 0) {
        await appendEvent(tx, house.clock.now(), { ...about, type: 'change.asked', data: { change: change.id, asks } });
      }
    },
  );
}

/** What policy wants a person to approve before this lands; asked now, so that the person is told at once. */
async function policyAsks(road: Road, change: Change, paths: readonly string[]): Promise<readonly Reason[]> {
  const decision = await decide(
    road.house,
    road.request('change.land', { kind: 'change', id: change.id, attributes: { paths } }),
  );
  return decision.obligations.map(({ because }) => because);
}

function bodyOf(road: Road, diff: Inspection): string {
  const { task } = road;
  const asked =
    task.work.kind === 'recipe'
      ? `Recipe \`${task.work.name}\` with ${Object.entries(task.work.params)
          .map(([name, value]) => `${name}=${value}`)
          .join(', ')}`
      : `Agent \`${task.work.name}\`${task.work.model === undefined ? '' : `, on the model \`${task.work.model}\``}`;
  const files = diff.files.length === 1 ? '1 file' : `${diff.files.length} files`;
  return `${asked}, for ${task.submittedBy}.\n\n${files} changed. Task ${task.id}.\n`;
}
