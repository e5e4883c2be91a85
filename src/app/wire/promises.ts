import { slotCost } from '#domain/usage.ts';
import { ConfigError } from '../config/config-error.ts';
import type { House } from '../house.ts';
import type { Settings } from '../config/settings.ts';

/** The parts of the system that are plain settings: prices, bounds, defaults, times. */
export type Promises = Pick<
  House,
  | 'tenantDefaults'
  | 'hiReserve'
  | 'ladder'
  | 'budgetPlans'
  | 'slo'
  | 'remindEveryMs'
  | 'auditSealEveryMs'
  | 'auditKeepMs'
  | 'overrideLongestMs'
  | 'bounds'
  | 'runWallMs'
  | 'slotNanoPerHour'
  | 'leaseMs'
  | 'http'
  | 'workers'
  | 'landingDepth'
>;

/** `half=0.5`. */
function planOf(row: string): House['budgetPlans'][number] {
  const [id = '', part = ''] = row.split('=');
  if (/^[a-z][a-z0-9-]*$/.test(id) && Number(part) > 0 && Number(part) <= 1) return { id, part: Number(part) };
  throw new ConfigError('CONFIG_BAD_VALUE', `budget.plans: "${row}" is not a plan such as half=0.5`, {
    setting: 'budget.plans',
  });
}

export function promisesOf(settings: Settings): Promises {
  const publicUrl = settings['http.publicUrl'];
  return {
    tenantDefaults: {
      weight: settings['tenant.weight'],
      budgetNano: settings['tenant.budgetUsd'],
      budgetPeriod: settings['tenant.period'],
      slo: settings['tenant.slo'],
      startWithinMs: settings['tenant.startWithin'],
      regions: settings['tenant.regions'],
      dataClass: settings['tenant.dataClass'],
      policy: {},
    },
    hiReserve: settings['budget.hiReserve'],
    ladder: { burst: settings['budget.burst'], lowNano: settings['budget.preemptBelowUsd'] },
    budgetPlans: settings['budget.plans'].map(planOf),
    slo: {
      periodMs: settings['tenant.sloWindow'],
      preemptAfter: settings['slo.preemptAfter'],
      quantumMs: settings['slo.quantum'],
    },
    remindEveryMs: settings['inbox.remindEvery'],
    auditSealEveryMs: settings['audit.sealEvery'],
    auditKeepMs: settings['audit.keep'],
    overrideLongestMs: settings['override.longest'],
    bounds: {
      recipeNano: slotCost(settings['run.wall'], settings['cost.slotUsdPerHour']),
      agentNano: settings['budget.taskUsd'],
    },
    runWallMs: settings['run.wall'],
    slotNanoPerHour: settings['cost.slotUsdPerHour'],
    leaseMs: settings.lease,
    http: {
      host: settings['http.host'],
      port: settings['http.port'],
      names: [...settings['http.names'], ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])],
      ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/$/, '') }),
      sessionMs: settings['http.sessionLasts'],
      requestsPerMinute: {
        perKey: settings['http.requestsPerMinute'],
        perStranger: settings['http.strangerRequestsPerMinute'],
      },
    },
    workers: settings.workers,
    landingDepth: settings['train.depth'],
  };
}
