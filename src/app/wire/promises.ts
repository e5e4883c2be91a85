import { slotCost } from '#domain/usage.ts';
import type { House } from '../house.ts';
import type { Settings } from '../settings.ts';

/** The parts of the system that are plain settings: prices, bounds, defaults, times. */
export type Promises = Pick<
  House,
  | 'tenantDefaults'
  | 'hiReserve'
  | 'remindEveryMs'
  | 'auditSealEveryMs'
  | 'overrideLongestMs'
  | 'bounds'
  | 'runWallMs'
  | 'slotNanoPerHour'
  | 'leaseMs'
  | 'http'
  | 'workers'
>;

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
    remindEveryMs: settings['inbox.remindEvery'],
    auditSealEveryMs: settings['audit.sealEvery'],
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
  };
}
