import { sealed, type Sql, type SqlParameter, type SqlValue, type Tx } from '#kernel/sql.ts';
import { type Change, type ChangeState, type Check, type Comment } from '#domain/change.ts';
import type { ChangeId, GitOid, RepoId } from '#domain/ids.ts';
import type { Task } from '#domain/task.ts';
import type { ChangeContent, ChangeFilter, ChangeStore, StateDetails } from '#train/ports.ts';
import { type ChangeRow, changeOf, type CheckRow, type CommentRow } from './change-rows.ts';

/** States in which a change still waits for something. */
const OPEN: readonly ChangeState[] = ['open', 'needs_human', 'approved'];
const OPEN_LIST = OPEN.map((state) => `'${state}'`).join(', ');

/** Changes with their checks and comments, in SQL. */
export class SqlChangeStore implements ChangeStore {
  readonly #sql: Sql;

  constructor(options: { sql: Sql }) {
    this.#sql = options.sql;
  }

  async open(change: Change, content: ChangeContent): Promise<Change> {
    const { id, tenant, repo, task, run, branch, base, title, body, author, state, openedAt } = change;
    const { head, tree, patchId } = content;
    const secret = (value: string): SqlParameter => sealed(tenant, value);
    const [titled, text, asks] = [secret(title), secret(body), secret(JSON.stringify(change.asks))];
    return this.#sql.tx(async (tx) => {
      await tx.run(
        `insert into change (id, tenant, repo, task, run, branch, base, head, tree, patch_id, title, body, author, state, asks, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (repo, branch) do nothing`,
        ...[
          id,
          tenant,
          repo,
          task,
          run,
          branch,
          base,
          head,
          tree,
          patchId,
          titled,
          text,
          author,
          state,
          asks,
          openedAt,
        ],
      );
      const rows = await tx.all<ChangeRow>('select * from change where repo = $1 and branch = $2', repo, branch);
      const [row] = rows;
      if (row === undefined) throw new Error(`the change of ${repo} ${branch} is not there after it was opened`);
      return changeOf(row);
    });
  }

  async find(id: ChangeId): Promise<Change | undefined> {
    const [row] = await this.#sql.all<ChangeRow>('select * from change where id = $1', id);
    return row === undefined ? undefined : changeOf(row);
  }

  async list(filter: ChangeFilter): Promise<readonly Change[]> {
    const values: SqlValue[] = [];
    const place = (value: SqlValue): string => `$${values.push(value)}`;
    const wanted = [
      ...(filter.tenant === undefined ? [] : [`tenant = ${place(filter.tenant)}`]),
      ...(filter.repo === undefined ? [] : [`repo = ${place(filter.repo)}`]),
      ...(filter.branch === undefined ? [] : [`branch = ${place(filter.branch)}`]),
      ...(filter.before === undefined ? [] : [earlierThan(place(filter.before))]),
      ...(filter.states === undefined ? [] : [`state in (${['', ...filter.states].map(place).join(', ')})`]),
    ];
    const where = wanted.length === 0 ? '' : `where ${wanted.join(' and ')}`;
    const page = filter.limit === undefined ? '' : `limit ${place(filter.limit)}`;
    const text = `select * from change ${where} order by opened_at desc, id desc ${page}`;
    return (await this.#sql.all<ChangeRow>(text, ...values)).map(changeOf);
  }

  async setContent(id: ChangeId, content: ChangeContent): Promise<void> {
    await this.#sql.run(
      `update change set head = $2, tree = $3, patch_id = $4, state = case state when 'approved' then 'open' else state end
       where id = $1 and head <> $2`,
      ...[id, content.head, content.tree, content.patchId],
    );
  }

  async setState(tx: Tx, id: ChangeId, state: ChangeState, more: StateDetails): Promise<void> {
    const asks = sealed(await this.#tenantOf(id, tx), JSON.stringify(more.asks ?? []));
    await tx.run(
      `update change set state = $2, asks = $3, landed_commit = coalesce($4, landed_commit) where id = $1`,
      ...[id, state, asks, more.landedCommit ?? null],
    );
  }

  async closeOpen(tx: Tx, { tenant, id }: Pick<Task, 'tenant' | 'id'>): Promise<void> {
    await tx.run(
      `update change set state = 'closed', asks = $3 where tenant = $1 and task = $2 and state in (${OPEN_LIST})`,
      ...[tenant, id, sealed(tenant, '[]')],
    );
  }

  async setCheck(id: ChangeId, check: Check): Promise<void> {
    const tenant = await this.#tenantOf(id);
    await this.#sql.run(
      `insert into change_check (change, tenant, name, outcome, summary) values ($1, $2, $3, $4, $5)
       on conflict (change, name) do update set outcome = excluded.outcome, summary = excluded.summary`,
      ...[id, tenant, check.name, check.outcome, sealed(tenant, check.summary)],
    );
  }

  async checks(id: ChangeId): Promise<readonly Check[]> {
    const text = 'select name, outcome, summary from change_check where change = $1 order by name';
    return (await this.#sql.all<CheckRow>(text, id)).map((row) => ({ ...row }));
  }

  async comment(id: ChangeId, comment: Comment): Promise<void> {
    const tenant = await this.#tenantOf(id);
    await this.#sql.run(
      `insert into change_comment (change, tenant, marker, author, body, at) values ($1, $2, $3, $4, $5, $6)
       on conflict (change, marker) do update set author = excluded.author, body = excluded.body, at = excluded.at`,
      ...[id, tenant, comment.marker, comment.author, sealed(tenant, comment.body), comment.at],
    );
  }

  async comments(id: ChangeId): Promise<readonly Comment[]> {
    const text = 'select marker, author, body, at from change_comment where change = $1 order by at, marker';
    return (await this.#sql.all<CommentRow>(text, id)).map((row) => ({ ...row }));
  }

  async twins(of: { repo: RepoId; branch: string; tree: GitOid; patchId: string }): Promise<readonly ChangeId[]> {
    const rows = await this.#sql.all<{ id: ChangeId }>(
      `select id from change where repo = $1 and branch <> $2 and (tree = $3 or patch_id = $4) and state in (${OPEN_LIST})
       order by opened_at, id`,
      ...[of.repo, of.branch, of.tree, of.patchId],
    );
    return rows.map((row) => row.id);
  }

  async #tenantOf(id: ChangeId, tx: Tx = this.#sql): Promise<string> {
    const [row] = await tx.all<{ tenant: string }>('select tenant from change where id = $1', id);
    if (row === undefined) throw new Error(`there is no change ${id}`);
    return row.tenant;
  }
}

/** In the order of a list: by when they were opened, then by id. */
function earlierThan(id: string): string {
  return `(opened_at, id) < (select opened_at, id from change where id = ${id})`;
}
