import type { DataClass } from './tenant.ts';
import type { PrincipalId, TenantId } from './ids.ts';
import type { Grant } from './grant.ts';
import type { Json } from '#kernel/json.ts';

/**
 * Everything that a principal can do, enumerated, so that "100 % policy-checked" is provable:
 * an effect is issued only through `perform`, and `perform` takes one of these.
 */
export const ACTIONS = [
  'tenant.create',
  'tenant.update',
  'tenant.erase',
  'tenant.rules',
  'tenant.read',
  'platform.read',
  'budget.topup',
  'tenant.stop',
  'tenant.resume',
  'repo.add',
  'repo.read',
  'repo.push',
  'task.submit',
  'task.cancel',
  'task.retry',
  'environment.build',
  'run.start',
  'run.command',
  'model.call',
  'plugin.install',
  'plugin.load',
  'change.push',
  'change.propose',
  'change.approve',
  'change.reject',
  'change.comment',
  'change.land',
  'override.request',
  'override.approve',
  'override.revoke',
  'config.apply',
  'access.read',
  'principal.set',
  'principal.disable',
  'key.create',
  'key.revoke',
  'webhook.add',
  'webhook.remove',
  'webhook.test',
  'worker.set',
  'plugin.trust',
  'secret.rotate',
  'audit.prune',
] as const;
export type ActionName = (typeof ACTIONS)[number];

/** What an action is done to. `attributes` are the facts that rules read (paths, region, licence, model, plugin, recipe). */
export interface Resource {
  readonly kind: string;
  readonly id: string;
  readonly tenant: TenantId;
  readonly dataClass?: DataClass;
  readonly region?: string;
  readonly attributes: { readonly [name: string]: Json };
}

export interface Action {
  readonly name: ActionName;
  readonly principal: Principal;
  readonly resource: Resource;
}

/** Who acts. An agent always names the human or service on whose behalf it acts. */
export interface Principal {
  readonly id: PrincipalId;
  readonly kind: 'human' | 'service' | 'agent';
  readonly delegatedBy?: PrincipalId;
  /** Roles that it holds at this moment, already cut down to what its key or its delegating principal allows. */
  readonly grants: readonly Grant[];
}
