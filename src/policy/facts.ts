import type { ActionName } from '#domain/action.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import type { Rule } from './rule.ts';

interface Fact {
  readonly name: string;
  readonly field: string;
  readonly actions: readonly ActionName[] | 'all';
  readonly needed: (input: PolicyInput) => boolean;
  readonly stated: (input: PolicyInput) => boolean;
}

/** These bring a tenant's data to a place. */
const PLACED: readonly ActionName[] = ['environment.build', 'run.start', 'run.command', 'model.call', 'plugin.load'];

const always = (): boolean => true;

function attribute(name: string, actions: readonly ActionName[], needed: Fact['needed']): Fact {
  const stated = ({ action }: PolicyInput): boolean => action.resource.attributes[name] !== undefined;
  return { name, field: `resource.attributes.${name}`, actions, needed, stated };
}

const FACTS: readonly Fact[] = [
  {
    name: 'delegatedBy',
    field: 'principal.delegatedBy',
    actions: 'all',
    needed: ({ action }) => action.principal.kind === 'agent',
    stated: ({ action }) => action.principal.delegatedBy !== undefined,
  },
  {
    name: 'region',
    field: 'resource.region',
    actions: PLACED,
    needed: ({ tenant }) => !tenant.regions.includes('*'),
    stated: ({ action }) => action.resource.region !== undefined,
  },
  {
    name: 'dataClass',
    field: 'resource.dataClass',
    actions: PLACED,
    needed: ({ tenant }) => tenant.dataClass !== 'public',
    stated: ({ action }) => action.resource.dataClass !== undefined,
  },
  {
    name: 'recipe or agent',
    field: 'resource.attributes.recipe',
    actions: ['task.submit', 'run.start'],
    needed: ({ tenant }) => tenant.policy.recipes !== undefined || tenant.policy.agents !== undefined,
    stated: ({ action: { resource } }) =>
      resource.attributes['recipe'] !== undefined || resource.attributes['agent'] !== undefined,
  },
  attribute('model', ['model.call'], ({ tenant }) => tenant.policy.models !== undefined),
  attribute('plugin', ['plugin.install', 'plugin.load'], ({ tenant }) => tenant.policy.plugins !== undefined),
  attribute('licences', ['plugin.install', 'plugin.load'], ({ tenant }) => tenant.policy.licences !== undefined),
  attribute('paths', ['change.push', 'change.land'], always),
  attribute('author', ['change.approve', 'override.approve'], always),
  attribute('for', ['key.create', 'key.revoke'], always),
  attribute('roles', ['key.create', 'principal.set'], always),
];

/** A rule that decides by a fact must be told it: what is not said is denied, not assumed. */
export const factsRule: Rule = {
  code: 'FACT_MISSING',
  actions: 'all',
  effect: 'deny',
  check: (input) => {
    const { name } = input.action;
    const missing = FACTS.filter(
      ({ actions, needed, stated }) => (actions === 'all' || actions.includes(name)) && needed(input) && !stated(input),
    );
    const [first] = missing;
    if (first === undefined) return undefined;
    const names = missing.map((fact) => fact.name).join(', ');
    return { msg: `${name} does not say ${names}`, field: first.field, fix: `state ${names}: policy decides by it` };
  },
};
