import type { Principal } from '#domain/action.ts';
import type { PrincipalId } from '#domain/ids.ts';

/** The conductor itself, for what it does by rule: admissions, housekeeping, evidence. */
// The cast is true: this is the one place that names the system's own principal.
export const SYSTEM = 'service:maestro' as PrincipalId;

/** A person by the name of the account that typed the command. */
export function person(name: string): Principal {
  // The cast is true: this is where people's principal ids are made.
  return { id: `human:${name}` as PrincipalId, kind: 'human' };
}
