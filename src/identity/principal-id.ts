import type { PrincipalId } from '#domain/ids.ts';
import type { Principal } from '#domain/action.ts';
import { IdentityError } from './errors.ts';

const ID = /^(human|service|agent):[A-Za-z0-9][A-Za-z0-9._@+/-]{0,99}$/;

/** The id that somebody typed, with the kind that it names. Throws PRINCIPAL_INVALID. */
export function principalId(text: string): { readonly id: PrincipalId; readonly kind: Principal['kind'] } {
  const kind = ID.exec(text)?.[1];
  if (kind !== 'human' && kind !== 'service' && kind !== 'agent') {
    throw new IdentityError('PRINCIPAL_INVALID', `${JSON.stringify(text)} is no name of a principal`);
  }
  // The cast is true: this is where ids that people type are read.
  return { id: text as PrincipalId, kind };
}
