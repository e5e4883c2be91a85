import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Faults of the settings that someone gave. */
export const CONFIG_ERRORS = Object.freeze({
  CONFIG_UNKNOWN_KEY: { cure: 'Correct the name; `maestro config show` lists all settings', exit: 2 },
  CONFIG_BAD_VALUE: { cure: 'Write a value as the settings page says', exit: 2 },
  CONFIG_INCOMPLETE: { cure: 'Set the setting that is named, or choose the embedded engine', exit: 2 },
  CONFIG_UNREADABLE: { cure: 'Make the file readable and valid YAML, or remove it', exit: 2 },
} as const satisfies ErrorTable);

type ConfigErrorCode = keyof typeof CONFIG_ERRORS;

export class ConfigError extends MaestroError<ConfigErrorCode> {
  constructor(code: ConfigErrorCode, message: string, details: ErrorDetails, cause?: unknown) {
    super({ code, message, cure: CONFIG_ERRORS[code].cure, details, cause });
  }
}
