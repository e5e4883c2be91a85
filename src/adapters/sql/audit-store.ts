import type { AuditLink, AuditStore, DecisionDigest, NewAuditLink } from '#evidence/ports.ts';
import type { TenantId } from '#domain/ids.ts';
import { sealed, type Tx } from '#kernel/sql.ts';
import { readAllEvents } from './events.ts';
import { decisionDigests } from './policy-decisions.ts';

type Row = { readonly seq: number; readonly content: string; readonly salt: string | null; readonly hash: string };

const COLUMNS = 'seq, content, salt, hash';

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

  decisions: (tx: Tx): Promise<readonly DecisionDigest[]> => decisionDigests(tx),
});

/** Takes the data of a tenant's events and what its commitments were made with; the chain stays whole. Number of events. */
export async function eraseEvents(tx: Tx, tenant: TenantId): Promise<number> {
  await tx.run('update audit_link set salt = null where seq in (select seq from event where tenant = $1)', tenant);
  return tx.run("update event set data = '{}' where tenant = $1", tenant);
}
