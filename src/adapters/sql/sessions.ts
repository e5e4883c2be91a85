import type { Grant } from '#domain/grant.ts';
import type { PrincipalId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Tx } from '#kernel/sql.ts';
import { fromJson, toJson } from './json-column.ts';

/** What a browser holds: a session, or a link that opens one and is then gone. `hash` is the keyed hash of its secret. */
export interface SessionRecord {
  readonly hash: string;
  readonly kind: 'session' | 'link';
  readonly principal: PrincipalId;
  /** Roles that the sign-in itself gave, beside those of the principal. */
  readonly grants: readonly Grant[];
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
}

type Row = {
  readonly hash: string;
  readonly kind: SessionRecord['kind'];
  readonly principal: PrincipalId;
  readonly grants: string;
  readonly created_at: Millis;
  readonly expires_at: Millis;
};

function sessionOf(row: Row): SessionRecord {
  const { hash, kind, principal } = row;
  const grants = fromJson<readonly Grant[]>(row.grants);
  return { hash, kind, principal, grants, createdAt: row.created_at, expiresAt: row.expires_at };
}

/** Records a session, and forgets those that are over. */
export async function addSession(tx: Tx, session: SessionRecord): Promise<void> {
  const { hash, kind, principal, grants, createdAt, expiresAt } = session;
  await tx.run('delete from session where expires_at < $1', createdAt);
  await tx.run(
    'insert into session (hash, kind, principal, grants, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
    ...[hash, kind, principal, toJson(grants), createdAt, expiresAt],
  );
}

export async function findSession(tx: Tx, hash: string): Promise<SessionRecord | undefined> {
  const [row] = await tx.all<Row>('select * from session where hash = $1', hash);
  return row && sessionOf(row);
}

/** True for the one caller that took it away. */
export async function deleteSession(tx: Tx, hash: string): Promise<boolean> {
  return (await tx.run('delete from session where hash = $1', hash)) === 1;
}
