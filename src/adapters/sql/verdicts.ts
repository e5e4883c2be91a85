import type { ChangeState } from '#domain/change.ts';
import type { RepoId, TenantId } from '#domain/ids.ts';
import type { Work } from '#domain/task.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson } from './json-column.ts';

const PAGE = 200;

/** Repository and kind of work of which people judge the changes. */
export interface Judged {
  readonly tenant: TenantId;
  readonly repo: RepoId;
  readonly work: Pick<Work, 'kind' | 'name'>;
}

/** How the newest changes of a repository by one kind of work ended: landed or rejected, newest first, among the last 200. */
export async function listVerdicts(tx: Tx, { tenant, repo, work }: Judged): Promise<ChangeState[]> {
  const rows = await tx.all<{ state: ChangeState; work: string }>(
    `select c.state as state, t.work as work from change c join task t on t.tenant = c.tenant and t.id = c.task
     where c.tenant = $1 and c.repo = $2 and c.state in ('landed', 'rejected')
     order by c.opened_at desc, c.id desc limit $3`,
    tenant,
    repo,
    PAGE,
  );
  const same = (text: string): boolean => {
    const { kind, name } = fromJson<Work>(text);
    return kind === work.kind && name === work.name;
  };
  return rows.filter((row) => same(row.work)).map(({ state }) => state);
}

/** Every repository and kind of work of a tenant that has a verdict. */
export async function listJudged(tx: Tx, tenant: TenantId): Promise<Pick<Judged, 'repo' | 'work'>[]> {
  const rows = await tx.all<{ repo: RepoId; work: string }>(
    `select distinct c.repo as repo, t.work as work from change c join task t on t.tenant = c.tenant and t.id = c.task
     where c.tenant = $1 and c.state in ('landed', 'rejected')`,
    tenant,
  );
  const judged = new Map<string, Pick<Judged, 'repo' | 'work'>>();
  for (const { repo, work } of rows) {
    const { kind, name } = fromJson<Work>(work);
    judged.set(`${repo} ${kind}:${name}`, { repo, work: { kind, name } });
  }
  return [...judged.keys()].sort().flatMap((key) => judged.get(key) ?? []);
}
