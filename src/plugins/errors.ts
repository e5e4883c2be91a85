import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of this room, for the error reference. What a plugin or its package did wrong is a refusal with a reason, not one of these. */
export const PLUGIN_ERRORS = Object.freeze({
  MANIFEST_INVALID: {
    cure: 'Correct the fields that the message names; `maestro plugin new` writes a valid manifest',
    exit: 2,
  },
  PLUGIN_UNKNOWN: {
    cure: 'See `maestro plugin list` for what is installed, `maestro plugin search` for what there is',
    exit: 2,
  },
  PUBLISHER_UNKNOWN: { cure: 'Name a publisher of the trust root; the message lists them', exit: 2 },
  PUBLISHER_KEY_INVALID: { cure: 'Name the file `built/publisher.pub` that `maestro plugin sign` wrote', exit: 2 },
  TRUST_ROOT_INVALID: { cure: 'Restore the trust root from its publisher, signed by enough of its root keys', exit: 4 },
  STORE_BROKEN: { cure: 'Mirror the store again; a blob does not have the digest that its name says', exit: 4 },
} as const satisfies ErrorTable);

export type PluginErrorCode = keyof typeof PLUGIN_ERRORS;

/** A fault of the outside in the plugins room. */
export class PluginError extends MaestroError<PluginErrorCode> {
  constructor(code: PluginErrorCode, message: string, more: { details?: ErrorDetails; cause?: unknown } = {}) {
    super({ code, message, cure: PLUGIN_ERRORS[code].cure, ...more });
  }
}
