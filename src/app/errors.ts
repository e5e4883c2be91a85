import type { ErrorEntry, ErrorTable } from '#kernel/error.ts';
import { FOLDER_ERRORS } from '#adapters/files/errors.ts';
import { GIT_ERRORS } from '#adapters/git/errors.ts';
import { KEY_ERRORS } from '#adapters/keys/errors.ts';
import { SANDBOX_ERRORS } from '#adapters/sandbox/errors.ts';
import { STORE_ERRORS } from '#adapters/sql/errors.ts';
import { EVIDENCE_ERRORS } from '#evidence/index.ts';
import { JOURNAL_ERRORS } from '#journal/index.ts';
import { MERGE_ERRORS } from '#merge/index.ts';
import { QOS_ERRORS } from '#qos/index.ts';
import { CONFIG_ERRORS } from './config-error.ts';

/** What `bin/maestro.js` says before any of this code can run. */
const LAUNCHER_ERRORS = Object.freeze({
  NODE_TOO_OLD: { cure: 'Run `npm install` in the folder of Maestro, with install scripts allowed', exit: 4 },
} as const satisfies ErrorTable);

/** Every error that Maestro can end with, by the room or adapter that raises it. A new table is one line here. */
export const ERROR_TABLES: { readonly [owner: string]: ErrorTable } = Object.freeze({
  launcher: LAUNCHER_ERRORS,
  config: CONFIG_ERRORS,
  journal: JOURNAL_ERRORS,
  qos: QOS_ERRORS,
  evidence: EVIDENCE_ERRORS,
  merge: MERGE_ERRORS,
  store: STORE_ERRORS,
  git: GIT_ERRORS,
  sandbox: SANDBOX_ERRORS,
  files: FOLDER_ERRORS,
  keys: KEY_ERRORS,
});

/** Exit code of a command that ends with this error; a code that no table has is a fault of Maestro itself. */
export function exitOf(code: string): ErrorEntry['exit'] {
  return Object.values(ERROR_TABLES).find((table) => Object.hasOwn(table, code))?.[code]?.exit ?? 70;
}
