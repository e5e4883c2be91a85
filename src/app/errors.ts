import type { ErrorEntry, ErrorTable } from '#kernel/error.ts';
import { CONFIG_ERRORS } from './config-error.ts';

/** What `bin/maestro.js` says before any of this code can run. */
const LAUNCHER_ERRORS = Object.freeze({
  NODE_TOO_OLD: { cure: 'Run `npm install` in the folder of Maestro, with install scripts allowed', exit: 4 },
} as const satisfies ErrorTable);

/** Every error that Maestro can end with, by the room or adapter that raises it. A new table is one line here. */
export const ERROR_TABLES: { readonly [owner: string]: ErrorTable } = Object.freeze({
  launcher: LAUNCHER_ERRORS,
  config: CONFIG_ERRORS,
});

/** Cure and exit code of an error code; undefined for one that no table has. */
export function errorEntry(code: string): ErrorEntry | undefined {
  return Object.values(ERROR_TABLES).find((table) => Object.hasOwn(table, code))?.[code];
}
