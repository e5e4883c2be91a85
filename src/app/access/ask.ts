import type { ActionName, Principal, Resource } from '#domain/action.ts';
import type { PolicyDecision } from '#domain/policy-decision.ts';
import type { Tenant } from '#domain/tenant.ts';
import type { House } from '../house.ts';

/** What somebody wants to know of policy; values are checked by the engine, which denies what it cannot read. */
export interface Question {
  readonly action: string;
  readonly resource: {
    readonly kind: string;
    readonly id: string;
    readonly region?: string | undefined;
    readonly dataClass?: Resource['dataClass'] | undefined;
    readonly attributes: Resource['attributes'];
  };
}

export type Verdict = Pick<PolicyDecision, 'allow' | 'reasons' | 'obligations' | 'engine' | 'policyDigest'>;

/** What policy would say to this principal; nothing is done and nothing recorded. */
export async function ask(house: House, tenant: Tenant, by: Principal, question: Question): Promise<Verdict> {
  const { kind, id, region, dataClass, attributes } = question.resource;
  const resource: Resource = {
    ...{ kind, id, attributes, tenant: tenant.id },
    ...(region === undefined ? {} : { region }),
    ...(dataClass === undefined ? {} : { dataClass }),
  };
  // The cast is what the question is about: the engine says itself that it knows no such action.
  const action = { name: question.action as ActionName, principal: by, resource };
  const { allow, reasons, obligations, engine, policyDigest } = await house.policy.decide({ action, tenant });
  return { allow, reasons, obligations, engine, policyDigest };
}
