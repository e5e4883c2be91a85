import type { ActionName } from '#domain/action.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import type { Reason } from '#domain/reason.ts';

/** One row of the built-in table: for which actions it is asked, and what it says. It reads only what `inputFault` has passed. */
export interface Rule {
  readonly code: string;
  readonly actions: readonly ActionName[] | 'all';
  /** `deny` refuses; `person` allows once a human has approved. */
  readonly effect: 'deny' | 'person';
  /** The reason without its code, or undefined when the rule has nothing to say. */
  readonly check: (input: PolicyInput) => Omit<Reason, 'code'> | undefined;
}

/** Text attribute of the resource, or undefined. */
export function textAttribute(input: PolicyInput, name: string): string | undefined {
  const value = input.action.resource.attributes[name];
  return typeof value === 'string' ? value : undefined;
}

/** List attribute of the resource; absent is empty. */
export function listAttribute(input: PolicyInput, name: string): readonly string[] {
  const value = input.action.resource.attributes[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Members one after the other, or what to say when there are none. */
export function listed(members: readonly string[], otherwise: string): string {
  return members.length === 0 ? otherwise : members.join(', ');
}
