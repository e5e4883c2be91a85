import type { Principal } from '#domain/action.ts';
import type { PrincipalId } from '#domain/ids.ts';
import { EVERYWHERE } from '#domain/grant.ts';
import type { Task } from '#domain/task.ts';

/** The conductor itself, for what it does by rule: admissions, housekeeping, evidence. */
// The cast is true: this is the one place that names the system's own principal.
export const SYSTEM = 'service:maestro' as PrincipalId;

/** Whoever may read the data directory is its administrator: a person by the name of the account that typed the command. */
export function person(name: string): Principal {
  // The cast is true: this is where people's principal ids are made.
  const id = `human:${name}` as PrincipalId;
  return { id, kind: 'human', grants: [{ role: 'platform-admin', tenant: EVERYWHERE }] };
}

/** The agent of one run: it acts in the tenant of its task only, on behalf of whoever submitted that. */
export function agentOf(task: Pick<Task, 'tenant' | 'work' | 'submittedBy'>): Principal {
  const { kind, name } = task.work;
  return {
    // The cast is true: this is where the agents' principal ids are made.
    id: `agent:${kind}/${name}` as PrincipalId,
    kind: 'agent',
    delegatedBy: task.submittedBy,
    grants: [{ role: 'conductor', tenant: task.tenant }],
  };
}
