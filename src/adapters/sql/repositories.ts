import type { GitOid, RepoId, TenantId } from '#domain/ids.ts';
import type { Repository } from '#domain/repository.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly tenant: TenantId;
  readonly id: RepoId;
  readonly name: string;
  readonly default_branch: string;
  readonly head: GitOid;
  readonly origin: string;
  readonly test_command: string | null;
};

const COLUMNS = 'tenant, id, name, default_branch, head, origin, test_command';

function repositoryOf(row: Row): Repository {
  const { tenant, id, name, head, origin } = row;
  const repository = { tenant, id, name, defaultBranch: row.default_branch, head, origin };
  return row.test_command === null ? repository : { ...repository, testCommand: fromJson(row.test_command) };
}

/** False when the tenant has one of that id. */
export async function addRepository(tx: Tx, repository: Repository): Promise<boolean> {
  const { tenant, id, name, defaultBranch, head, origin, testCommand } = repository;
  const added = await tx.run(
    `insert into repository (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, id) do nothing`,
    tenant,
    id,
    name,
    defaultBranch,
    head,
    sealed(tenant, origin),
    testCommand ? sealed(tenant, toJson(testCommand)) : null,
  );
  return added === 1;
}

/** Records that the default branch has moved; false when the recorded head is not `from`. */
export async function moveRecordedHead(
  tx: Tx,
  move: { readonly tenant: TenantId; readonly id: RepoId; readonly from: GitOid; readonly to: GitOid },
): Promise<boolean> {
  const text = 'update repository set head = $1 where tenant = $2 and id = $3 and head = $4';
  return (await tx.run(text, move.to, move.tenant, move.id, move.from)) === 1;
}

export async function findRepository(tx: Tx, tenant: TenantId, id: RepoId): Promise<Repository | undefined> {
  const [row] = await tx.all<Row>(`select ${COLUMNS} from repository where tenant = $1 and id = $2`, tenant, id);
  return row && repositoryOf(row);
}

export async function listRepositories(tx: Tx, tenant: TenantId): Promise<Repository[]> {
  const rows = await tx.all<Row>(`select ${COLUMNS} from repository where tenant = $1 order by id`, tenant);
  return rows.map(repositoryOf);
}
