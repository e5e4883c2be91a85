import { addPrincipal, findPrincipal } from '#adapters/sql/index.ts';
import type { PrincipalId } from '#domain/ids.ts';
import { grantsOfGroups, principalId, type SignedIn } from '#identity/index.ts';
import type { House } from '../house.ts';
import { type Caller, callerOfSignIn } from './caller.ts';
import type { SignIn } from './sessions.ts';

/** Whose token of the identity provider this is, with the roles of their groups. Undefined without a provider, or for a token that is not good. */
export async function callerOfToken(house: House, token: string): Promise<Caller | undefined> {
  const signedIn = await house.tokens?.verify(token);
  return signedIn && callerOfSignIn(house, await signInOf(house, signedIn), 'oidc');
}

/** A person of the identity provider as a principal, put on record so that admins see it and can shut it out. */
export async function signInOf(house: House, signedIn: SignedIn): Promise<SignIn> {
  const principal = nameOf(signedIn);
  const { truth } = house.store;
  if ((await findPrincipal(truth, principal)) === undefined) {
    const record = { id: principal, kind: 'human', createdAt: house.clock.now(), createdBy: house.system } as const;
    await truth.tx((tx) => addPrincipal(tx, record));
  }
  return { principal, grants: grantsOfGroups(house.groups, signedIn.groups) };
}

/** A name with `@` is an address and meets no account of a machine; all others stand under the provider's own id. */
function nameOf({ name, subject }: SignedIn): PrincipalId {
  const own = name?.includes('@') === true ? name : `oidc/${subject}`;
  return principalId(`human:${own}`).id;
}
