import { DATA_CLASSES } from '#domain/tenant.ts';
import { listed, type Rule } from './rule.ts';

/** Nothing of one tenant is ever done in the name of another. */
export const tenantRule: Rule = {
  code: 'TENANT_MISMATCH',
  actions: 'all',
  effect: 'deny',
  check: ({ action, tenant }) =>
    action.resource.tenant === tenant.id
      ? undefined
      : {
          msg: `the ${action.resource.kind} belongs to another tenant`,
          field: 'resource.tenant',
          fix: `name a ${action.resource.kind} of tenant ${tenant.id}`,
        },
};

/** Where data may go: workers, models, caches and plugins state their region; `*` in the tenant's list allows each. */
const regionRule: Rule = {
  code: 'REGION_NOT_ALLOWED',
  actions: 'all',
  effect: 'deny',
  check: ({ action, tenant }) => {
    const region = action.resource.region;
    if (region === undefined || tenant.regions.includes('*') || tenant.regions.includes(region)) return undefined;
    return {
      msg: `region "${region}" is not among those of tenant ${tenant.id} (${listed(tenant.regions, 'none')})`,
      field: 'resource.region',
      fix: `use a ${action.resource.kind} in ${listed(tenant.regions, 'an allowed region')}`,
    };
  },
};

/** A resource that is cleared for less than the tenant's data class never sees the tenant's data. */
const dataClassRule: Rule = {
  code: 'DATA_CLASS_TOO_HIGH',
  actions: 'all',
  effect: 'deny',
  check: ({ action, tenant }) => {
    const cleared = action.resource.dataClass;
    if (cleared === undefined || DATA_CLASSES.indexOf(tenant.dataClass) <= DATA_CLASSES.indexOf(cleared)) {
      return undefined;
    }
    return {
      msg: `the data of tenant ${tenant.id} is ${tenant.dataClass}; the ${action.resource.kind} is cleared for ${cleared}`,
      field: 'resource.dataClass',
      fix: `use a ${action.resource.kind} cleared for ${tenant.dataClass}`,
    };
  },
};

/** Where the data of a tenant may go. */
export const boundaryRules: readonly Rule[] = [regionRule, dataClassRule];
