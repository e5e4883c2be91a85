import { addSession, appendEvent, deleteSession, findSession, type SessionRecord } from '#adapters/sql/index.ts';
import { millis } from '#kernel/clock.ts';
import type { Grant } from '#domain/grant.ts';
import type { PrincipalId } from '#domain/ids.ts';
import type { House } from '../house.ts';
import { platform } from './platform.ts';

/** How long a link that signs in is good; it opens one session. */
const LINK_MS = 10 * 60_000;

/** Who signs in, with the roles that this gives beside those on record. */
export interface SignIn {
  readonly principal: PrincipalId;
  readonly grants: readonly Grant[];
}

/** The secret of a link that signs somebody in, once and soon. Whoever has it is believed. */
export async function makeLink(house: House, who: SignIn): Promise<string> {
  return make(house, who, 'link', LINK_MS);
}

/** Turns the secret of a link into the secret of a session; undefined for one that is unknown, used or too old. */
export async function useLink(house: House, secret: string): Promise<string | undefined> {
  const hash = house.secretHash(secret);
  const { truth } = house.store;
  const link = await findSession(truth, hash);
  if (link === undefined || link.kind !== 'link' || link.expiresAt <= house.clock.now()) return undefined;
  const first = await truth.tx((tx) => deleteSession(tx, hash));
  return first ? openSession(house, link) : undefined;
}

/** The secret of a new session. */
export async function openSession(house: House, who: SignIn): Promise<string> {
  return make(house, who, 'session', house.http.sessionMs);
}

/** Ends a session at once. */
export async function closeSession(house: House, secret: string): Promise<void> {
  await house.store.truth.tx((tx) => deleteSession(tx, house.secretHash(secret)));
}

async function make(house: House, who: SignIn, kind: SessionRecord['kind'], lastsMs: number): Promise<string> {
  const secret = Buffer.from(house.random.bytes(32)).toString('base64url');
  const at = house.clock.now();
  const times = { createdAt: at, expiresAt: millis(at + lastsMs) };
  const { principal, grants } = who;
  await house.store.truth.tx(async (tx) => {
    await addSession(tx, { hash: house.secretHash(secret), kind, principal, grants, ...times });
    if (kind === 'link') return;
    await appendEvent(tx, at, { type: 'session.opened', tenant: platform(house).id, by: principal, data: {} });
  });
  return secret;
}
