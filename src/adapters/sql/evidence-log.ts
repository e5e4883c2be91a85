import type { LogEntry, LogHead, LogNode, LogStore, NodeId } from '#evidence/ports.ts';
import { millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

type EntryRow = { leaf: number; leaf_hash: string; body: string; checkpoint: string; at: number };
type HeadRow = { size: number; frontier: string };

const COLUMNS = 'leaf, leaf_hash, body, checkpoint, at';

/** The transparency log in SQL. */
export const evidenceLog: LogStore = Object.freeze({
  async head(tx: Tx): Promise<LogHead> {
    return headOf(await tx.all<HeadRow>('select size, frontier from evidence_log where id = 1'));
  },

  async lock(tx: Tx): Promise<LogHead> {
    // Writing the row is what holds it: both engines keep other writers of it out until the end.
    return headOf(await tx.all<HeadRow>('update evidence_log set size = size where id = 1 returning size, frontier'));
  },

  async append(tx: Tx, grown: { entry: LogEntry; nodes: readonly LogNode[]; head: LogHead }): Promise<void> {
    const { index, leafHash, body, checkpoint, at } = grown.entry;
    await tx.run(
      `insert into evidence_entry (${COLUMNS}) values ($1, $2, $3, $4, $5)`,
      index,
      leafHash,
      body,
      checkpoint,
      at,
    );
    for (const { level, index: idx, hash } of grown.nodes) {
      await tx.run('insert into evidence_node (level, idx, hash) values ($1, $2, $3)', level, idx, hash);
    }
    const { size, frontier } = grown.head;
    await tx.run('update evidence_log set size = $1, frontier = $2 where id = 1', size, toJson(frontier));
  },

  async find(tx: Tx, leafHash: string): Promise<LogEntry | undefined> {
    const [row] = await tx.all<EntryRow>(`select ${COLUMNS} from evidence_entry where leaf_hash = $1`, leafHash);
    return row && entryOf(row);
  },

  async entries(tx: Tx, from: number, to: number): Promise<readonly LogEntry[]> {
    const range = 'leaf >= $1 and leaf < $2 order by leaf';
    const rows = await tx.all<EntryRow>(`select ${COLUMNS} from evidence_entry where ${range}`, from, to);
    return rows.map(entryOf);
  },

  async node(tx: Tx, { level, index }: NodeId): Promise<string | undefined> {
    const [row] =
      level === 0
        ? await tx.all<{ hash: string }>('select leaf_hash as hash from evidence_entry where leaf = $1', index)
        : await tx.all<{ hash: string }>('select hash from evidence_node where level = $1 and idx = $2', level, index);
    return row?.hash;
  },
});

function entryOf(row: EntryRow): LogEntry {
  const { leaf, leaf_hash: leafHash, body, checkpoint, at } = row;
  return { index: leaf, leafHash, body, checkpoint, at: millis(at) };
}

function headOf([row]: HeadRow[]): LogHead {
  if (row === undefined) throw new Error('the head of the log is missing: its migration made it');
  return { size: row.size, frontier: fromJson(row.frontier) };
}
