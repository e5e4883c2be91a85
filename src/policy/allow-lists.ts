import type { ActionName } from '#domain/action.ts';
import type { TenantPolicy } from '#domain/tenant.ts';
import { listAttribute, listed, type Rule, textAttribute } from './rule.ts';

type ListName = 'recipes' | 'agents' | 'models' | 'plugins' | 'licences';

interface AllowList {
  readonly code: string;
  readonly list: ListName;
  /** Attribute of the resource that names the thing. */
  readonly attribute: string;
  readonly actions: readonly ActionName[];
}

const ALLOW_LISTS: readonly AllowList[] = [
  { code: 'RECIPE_NOT_ALLOWED', list: 'recipes', attribute: 'recipe', actions: ['task.submit', 'run.start'] },
  { code: 'AGENT_NOT_ALLOWED', list: 'agents', attribute: 'agent', actions: ['task.submit', 'run.start'] },
  { code: 'MODEL_NOT_ALLOWED', list: 'models', attribute: 'model', actions: ['model.call'] },
  { code: 'PLUGIN_NOT_ALLOWED', list: 'plugins', attribute: 'plugin', actions: ['plugin.install', 'plugin.load'] },
];

/** Named things must stand in the tenant's list when the tenant has one; an empty list allows nothing. */
export const allowListRules: readonly Rule[] = ALLOW_LISTS.map(({ code, list, attribute, actions }) => ({
  code,
  actions,
  effect: 'deny',
  check: (input) => {
    const name = textAttribute(input, attribute);
    const allowed: TenantPolicy[ListName] = input.tenant.policy[list];
    if (name === undefined || allowed === undefined || allowed.includes(name)) return undefined;
    const known = listed(allowed, 'none');
    return {
      msg: `${attribute} "${name}" is not allowed for tenant ${input.tenant.id} (allowed: ${known})`,
      field: `resource.attributes.${attribute}`,
      fix: `use one of: ${known}; or ask a tenant admin to add "${name}" to the tenant's ${list}`,
    };
  },
}));

/** Every licence that a plugin or a new dependency brings must be allowed. */
export const licenceRule: Rule = {
  code: 'LICENCE_NOT_ALLOWED',
  actions: ['plugin.install', 'plugin.load', 'change.land'],
  effect: 'deny',
  check: (input) => {
    const allowed = input.tenant.policy.licences;
    if (allowed === undefined) return undefined;
    const refused = listAttribute(input, 'licences').filter((licence) => !allowed.includes(licence));
    if (refused.length === 0) return undefined;
    return {
      msg: `licence ${refused.join(', ')} is not allowed for tenant ${input.tenant.id}`,
      field: 'resource.attributes.licences',
      fix: `use something under ${listed(allowed, 'an allowed licence')}, or ask a tenant admin to allow ${refused.join(', ')}`,
    };
  },
};
