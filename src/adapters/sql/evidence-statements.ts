import type { Dossier, StatementStore, StoredStatement } from '#evidence/ports.ts';
import type { TaskId } from '#domain/ids.ts';
import { sealed, type Tx } from '#kernel/sql.ts';

type Row = {
  task: string;
  attempt: number;
  name: string;
  digest: string;
  predicate_type: string;
  leaf: number;
  bundle: string;
};

const COLUMNS = 'task, attempt, name, digest, predicate_type, leaf, bundle';

/** Signed statements in SQL. */
export const evidenceStatements: StatementStore = Object.freeze({
  async put(tx: Tx, statement: StoredStatement): Promise<void> {
    const { task, attempt, name, digest, predicateType, leaf, bundle } = statement;
    const [owner] = await tx.all<{ tenant: string }>('select tenant from task where id = $1', task);
    const tenant = owner?.tenant ?? ''; // stretches of the audit log are nobody's
    await tx.run(
      `insert into evidence_statement (tenant, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      tenant,
      task,
      attempt,
      name,
      digest,
      predicateType,
      leaf,
      sealed(tenant, bundle),
    );
  },

  async find(tx: Tx, { task, attempt }: Dossier, name: string): Promise<StoredStatement | undefined> {
    const where = 'task = $1 and attempt = $2 and name = $3';
    const [row] = await tx.all<Row>(`select ${COLUMNS} from evidence_statement where ${where}`, task, attempt, name);
    return row && statementOf(row);
  },

  async ofDossier(tx: Tx, { task, attempt }: Dossier): Promise<readonly StoredStatement[]> {
    const where = 'task = $1 and attempt = $2 order by leaf';
    const rows = await tx.all<Row>(`select ${COLUMNS} from evidence_statement where ${where}`, task, attempt);
    return rows.map(statementOf);
  },

  async lastAttempt(tx: Tx, task: TaskId): Promise<number> {
    const text = 'select coalesce(max(attempt), 0) as attempt from evidence_statement where task = $1';
    const [row] = await tx.all<{ attempt: number }>(text, task);
    return row?.attempt ?? 0;
  },

  async leaves(tx: Tx, from: number, to: number): Promise<readonly { leaf: number; bundle: string }[]> {
    const text = 'select leaf, bundle from evidence_statement where leaf >= $1 and leaf < $2 order by leaf';
    return tx.all<{ leaf: number; bundle: string }>(text, from, to);
  },
});

function statementOf(row: Row): StoredStatement {
  const { task, predicate_type: predicateType, ...rest } = row;
  // The cast is true: `put` wrote this column from a TaskId.
  return { ...rest, task: task as TaskId, predicateType };
}
