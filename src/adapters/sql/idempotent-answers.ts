import type { Millis } from '#kernel/clock.ts';
import { sealed, type Tx } from '#kernel/sql.ts';

/** The answer to a request that carried an Idempotency-Key. */
export interface IdempotentAnswer {
  /** Digest of method, path and body. */
  readonly request: string;
  /** Absent while the request is being carried out, or when it ended without one. */
  readonly answer?: { readonly status: number; readonly body: string };
}

interface Name {
  readonly principal: string;
  readonly key: string;
  /** Of the request; `''` when it names none. */
  readonly tenant: string;
}

/** Takes the key for this request, or gives what it was taken for before. */
export async function addIdempotentRequest(
  tx: Tx,
  name: Name,
  request: string,
  at: Millis,
): Promise<IdempotentAnswer | undefined> {
  const added = await tx.run(
    'insert into idempotent_answer (principal, key, tenant, request, at) values ($1, $2, $3, $4, $5) on conflict do nothing',
    ...[name.principal, name.key, name.tenant, request, at],
  );
  if (added === 1) return undefined;
  const [row] = await tx.all<{ request: string; status: number | null; body: string | null }>(
    'select request, status, body from idempotent_answer where principal = $1 and key = $2',
    ...[name.principal, name.key],
  );
  if (row === undefined) throw new Error('an idempotency key is taken and not there');
  const { status, body } = row;
  return { request: row.request, ...(status === null || body === null ? {} : { answer: { status, body } }) };
}

export async function setIdempotentAnswer(
  tx: Tx,
  name: Name,
  answer: { readonly status: number; readonly body: string },
): Promise<void> {
  await tx.run(
    'update idempotent_answer set status = $3, body = $4 where principal = $1 and key = $2',
    ...[name.principal, name.key, answer.status, sealed(name.tenant, answer.body)],
  );
}

/** Forgets requests from before a time. */
export async function deleteIdempotentBefore(tx: Tx, at: Millis): Promise<void> {
  await tx.run('delete from idempotent_answer where at < $1', at);
}
