import type { AuditLink, AuditStore, DecisionDigest, NewAuditLink } from '#evidence/ports.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { readAllEvents } from './events.ts';
import { decisionDigests, deleteDecision } from './policy-decisions.ts';

type Row = { readonly seq: number; readonly content: string; readonly salt: string | null; readonly hash: string };

const COLUMNS = 'seq, content, salt, hash';
const UNENDED = ['proposed', 'deferred', 'queued', 'running', 'needs_human'].map((state) => `'${state}'`).join(', ');
const PAGE = 1000;

function linkOf({ seq, content, salt, hash }: Row): AuditLink {
  return { seq, content, hash, ...(salt === null ? {} : { salt }) };
}

/** The chain over the events in SQL. */
export const auditStore: AuditStore = Object.freeze({
  async last(tx: Tx): Promise<AuditLink | undefined> {
    const [row] = await tx.all<Row>(`select ${COLUMNS} from audit_link order by seq desc limit 1`);
    return row && linkOf(row);
  },

  async put(tx: Tx, links: readonly NewAuditLink[]): Promise<void> {
    for (const { seq, content, salt, hash, tenant } of links) {
      // Whoever has the salt can try guesses at the data.
      const kept = salt === undefined ? null : sealed(tenant, salt);
      await tx.run(`insert into audit_link (${COLUMNS}) values ($1, $2, $3, $4)`, seq, content, kept, hash);
    }
  },

  async links(tx: Tx, after: number, limit: number): Promise<readonly AuditLink[]> {
    const text = `select ${COLUMNS} from audit_link where seq > $1 order by seq limit $2`;
    return (await tx.all<Row>(text, after, limit)).map(linkOf);
  },

  events: (tx: Tx, after: number, limit: number) => readAllEvents(tx, { after, limit }),

  async timeOf(tx: Tx, seq: number): Promise<Millis | undefined> {
    const [row] = await tx.all<{ at: Millis }>('select at from event where seq = $1', seq);
    return row?.at;
  },

  async firstHeld(tx: Tx): Promise<number | undefined> {
    const [row] = await tx.all<{ seq: number | null }>(
      `select min(seq) as seq from (
         select max(seq) as seq from event
         union all
         select min(event.seq) from event join task on task.tenant = event.tenant and task.id = event.task
           where task.state in (${UNENDED})
       ) held`,
    );
    return row?.seq ?? undefined;
  },

  drop,

  decisions: (tx: Tx): Promise<readonly DecisionDigest[]> => decisionDigests(tx),
});

async function drop(tx: Tx, to: number): ReturnType<AuditStore['drop']> {
  const erased: { tenant: TenantId; leaves: number[] }[] = [];
  for (let after = 0; after < to;) {
    const page = (await readAllEvents(tx, { after, limit: PAGE })).filter(({ seq }) => seq <= to);
    for (const { type, tenant, data } of page) {
      const { decision, leaves } = data;
      if (type === 'policy.decided' && typeof decision === 'string') await deleteDecision(tx, tenant, decision);
      if (type !== 'tenant.erased') continue;
      const emptied = Array.isArray(leaves) ? leaves.filter((leaf): leaf is number => typeof leaf === 'number') : [];
      erased.push({ tenant, leaves: emptied });
    }
    after = page.at(-1)?.seq ?? to;
  }
  await tx.run('delete from audit_link where seq < $1', to);
  return { events: await tx.run('delete from event where seq <= $1', to), erased };
}

/** Takes the data of a tenant's events and what its commitments were made with; the chain stays whole. Number of events. */
export async function eraseEvents(tx: Tx, tenant: TenantId): Promise<number> {
  await tx.run('update audit_link set salt = null where seq in (select seq from event where tenant = $1)', tenant);
  return tx.run("update event set data = '{}' where tenant = $1", tenant);
}
