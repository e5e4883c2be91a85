import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the queue and the ledger, whoever keeps them. */
export const QOS_ERRORS = Object.freeze({
  TENANT_UNKNOWN: {
    cure: 'Add the tenant first (`maestro tenant add TENANT --weight W`), or correct its name.',
    exit: 2,
  },
  SCOPE_UNKNOWN: {
    cure: 'Give the scope a budget, or say that it has none of its own, before money is reserved on it.',
    exit: 2,
  },
  KEY_REUSED: {
    cure: 'A key names one reservation for ever: use a new key for another amount or other scopes.',
    exit: 70,
  },
  AMOUNT_INVALID: {
    cure: 'Give an amount of zero or more; money comes back by settling for less than was held.',
    exit: 2,
  },
  HOLD_UNKNOWN: {
    cure: 'Reserve before settling; a settlement without a reservation is a bug of the caller.',
    exit: 70,
  },
} as const satisfies ErrorTable);

export type QosErrorCode = keyof typeof QOS_ERRORS;

export class QosError extends MaestroError<QosErrorCode> {
  constructor(code: QosErrorCode, message: string, details: ErrorDetails = {}) {
    super({ code, message, cure: QOS_ERRORS[code].cure, details });
  }
}
