import type { Principal } from '#domain/action.ts';
import { person } from '#app/governance/principals.ts';

/** Who typed the command: the account's name, unless `MAESTRO_USER` says otherwise. */
export function me(house: { readonly user: string }): Principal {
  return person(house.user);
}
