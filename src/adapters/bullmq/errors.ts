import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the fair backend for BullMQ. */
export const FAIR_BACKEND_ERRORS = Object.freeze({
  BULLMQ_VERSION: {
    cure: 'Install exactly the version of bullmq that this package names; its scripts are part of the fair backend',
    exit: 4,
  },
  BULLMQ_SCRIPTS: {
    cure: 'Install bullmq anew: the scripts that the fair backend is fused into are not those of its version',
    exit: 4,
  },
  REDIS_EVICTS: {
    cure: 'Set maxmemory-policy to noeviction: a Redis that evicts keys loses jobs and tags without a word',
    exit: 4,
  },
  REDIS_NO_SCRIPTS: {
    cure: 'Let this user run EVALSHA and EVAL (and do not rename them): every step of the queue is one script',
    exit: 4,
  },
  REDIS_UNREACHABLE: {
    cure: 'Start Redis at the address of engine.redisUrl, or correct the address; nothing is lost, the order is made anew from the store',
    exit: 4,
  },
  WEIGHT_INVALID: {
    cure: 'Give a number from 0.01 to 1000; only ratios matter, so scale all weights alike',
    exit: 2,
  },
  COST_INVALID: { cure: 'Report a cost in milliseconds of one slot, from 0 to one year', exit: 2 },
  TENANT_FIELD_INVALID: { cure: 'Name a field of the job data with letters, digits, underscores and dashes', exit: 2 },
} as const satisfies ErrorTable);

export type FairBackendErrorCode = keyof typeof FAIR_BACKEND_ERRORS;

export class FairBackendError extends MaestroError<FairBackendErrorCode> {
  constructor(code: FairBackendErrorCode, message: string, more: { details?: ErrorDetails; cause?: unknown } = {}) {
    super({ code, message, cure: FAIR_BACKEND_ERRORS[code].cure, ...more });
  }
}
