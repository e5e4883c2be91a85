import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of plugin stores and registries, for the error reference. */
export const PLUGIN_STORE_ERRORS = Object.freeze({
  LAYOUT_BROKEN: { cure: 'Mirror the store again; its folder is not a sound OCI image layout', exit: 4 },
  REGISTRY_FAILED: { cure: 'Check address, network and credentials of the registry, then repeat the command', exit: 4 },
  WORKSPACE_CHANGED: { cure: 'Run the plugin again; none of its edits was applied', exit: 1 },
} as const satisfies ErrorTable);

export type PluginStoreErrorCode = keyof typeof PLUGIN_STORE_ERRORS;

export class PluginStoreError extends MaestroError<PluginStoreErrorCode> {
  constructor(code: PluginStoreErrorCode, message: string, more: { details?: ErrorDetails; cause?: unknown } = {}) {
    super({ code, message, cure: PLUGIN_STORE_ERRORS[code].cure, ...more });
  }
}
