import { type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of building a plugin, for the error reference. */
export const PLUGIN_BUILD_ERRORS = Object.freeze({
  PLUGIN_SOURCE_UNKNOWN: {
    cure: 'Lay the folder out as `maestro plugin new` does: assembly/index.ts, src/plugin.ts, src/plugin.js, src/plugin.c or src/lib.rs',
    exit: 2,
  },
  PLUGIN_PART_MISSING: {
    cure: 'Name the folder of a plugin; `maestro plugin build` and then `sign` make what is missing in `built/`',
    exit: 2,
  },
  PLUGIN_FOLDER_EXISTS: { cure: 'Name a folder that does not exist yet', exit: 2 },
  PLUGIN_TOOL_MISSING: { cure: 'Install the compiler that the message names', exit: 4 },
  PLUGIN_BUILD_FAILED: { cure: 'Correct what the compiler says', exit: 1 },
} as const satisfies ErrorTable);

export type PluginBuildErrorCode = keyof typeof PLUGIN_BUILD_ERRORS;

export class PluginBuildError extends MaestroError<PluginBuildErrorCode> {
  constructor(code: PluginBuildErrorCode, message: string) {
    super({ code, message, cure: PLUGIN_BUILD_ERRORS[code].cure });
  }
}
