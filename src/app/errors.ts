import type { ErrorEntry, ErrorTable } from '#kernel/error.ts';
import { AGENTS_FILE_ERRORS } from '#adapters/agent-programs/errors.ts';
import { FAIR_BACKEND_ERRORS } from '#adapters/bullmq/errors.ts';
import { CHAT_ERRORS } from '#adapters/chat/errors.ts';
import { ENVIRONMENT_ERRORS } from '#adapters/environment/errors.ts';
import { FOLDER_ERRORS } from '#adapters/files/errors.ts';
import { GIT_ERRORS } from '#adapters/git/errors.ts';
import { KEY_ERRORS } from '#adapters/keys/errors.ts';
import { OIDC_ERRORS } from '#adapters/oidc/errors.ts';
import { OPA_SERVER_ERRORS } from '#adapters/opa-server/errors.ts';
import { OPA_WASM_ERRORS } from '#adapters/opa-wasm/errors.ts';
import { PLUGIN_BUILD_ERRORS } from '#adapters/plugin-build/errors.ts';
import { PLUGIN_STORE_ERRORS } from '#adapters/plugin-store/errors.ts';
import { SANDBOX_ERRORS } from '#adapters/sandbox/errors.ts';
import { STORE_ERRORS } from '#adapters/sql/errors.ts';
import { WEBHOOK_ERRORS } from '#adapters/webhook/errors.ts';
import { EVIDENCE_ERRORS } from '#evidence/errors.ts';
import { API_ERRORS } from '#api/errors.ts';
import { IDENTITY_ERRORS } from '#identity/errors.ts';
import { GATEWAY_ERRORS } from '#gateway/errors.ts';
import { JOURNAL_ERRORS } from '#journal/errors.ts';
import { POLICY_ERRORS } from '#policy/errors.ts';
import { MERGE_ERRORS } from '#merge/errors.ts';
import { PLUGIN_ERRORS } from '#plugins/errors.ts';
import { QOS_ERRORS } from '#qos/errors.ts';
import { TRAIN_ERRORS } from '#train/errors.ts';
import { CONFIG_ERRORS } from './config/config-error.ts';
import { APP_ERRORS } from './fault.ts';

/** What `bin/maestro.js` says before any of this code can run. */
const LAUNCHER_ERRORS = Object.freeze({
  NODE_TOO_OLD: { cure: 'Run `npm install` in the folder of Maestro, with install scripts allowed', exit: 4 },
} as const satisfies ErrorTable);

/** Every error that Maestro can end with, by the room or adapter that raises it. A new table is one line here. */
export const ERROR_TABLES: { readonly [owner: string]: ErrorTable } = Object.freeze({
  launcher: LAUNCHER_ERRORS,
  config: CONFIG_ERRORS,
  app: APP_ERRORS,
  journal: JOURNAL_ERRORS,
  api: API_ERRORS,
  identity: IDENTITY_ERRORS,
  webhook: WEBHOOK_ERRORS,
  oidc: OIDC_ERRORS,
  policy: POLICY_ERRORS,
  qos: QOS_ERRORS,
  gateway: GATEWAY_ERRORS,
  train: TRAIN_ERRORS,
  evidence: EVIDENCE_ERRORS,
  merge: MERGE_ERRORS,
  store: STORE_ERRORS,
  bullmq: FAIR_BACKEND_ERRORS,
  git: GIT_ERRORS,
  opaServer: OPA_SERVER_ERRORS,
  opaWasm: OPA_WASM_ERRORS,
  sandbox: SANDBOX_ERRORS,
  'agent-programs': AGENTS_FILE_ERRORS,
  chat: CHAT_ERRORS,
  environment: ENVIRONMENT_ERRORS,
  files: FOLDER_ERRORS,
  keys: KEY_ERRORS,
  plugins: PLUGIN_ERRORS,
  'plugin-store': PLUGIN_STORE_ERRORS,
  'plugin-build': PLUGIN_BUILD_ERRORS,
});

/** Cure and exit code of an error code; undefined for one that no table has. */
export function errorEntry(code: string): ErrorEntry | undefined {
  return Object.values(ERROR_TABLES).find((table) => Object.hasOwn(table, code))?.[code];
}

/** Exit code of a command that ends with this error; a code that no table has is a fault of Maestro itself. */
export function exitOf(code: string): ErrorEntry['exit'] {
  return errorEntry(code)?.exit ?? 70;
}
