import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';
import type { Reason } from '#domain/reason.ts';

/** What people ask for that cannot be done as asked, with the next step to take and the exit code of the command line. */
export const APP_ERRORS = Object.freeze({
  NO_SUCH_TENANT: { cure: 'List the tenants with `maestro tenant list`, or add it with `maestro tenant add`', exit: 2 },
  TENANT_EXISTS: { cure: 'Change it with `maestro tenant set`', exit: 2 },
  TENANT_CHANGED: {
    cure: 'Look at what stands now with `maestro tenant show TENANT`, then make the change again',
    exit: 1,
  },
  TENANT_BUSY: { cure: 'Cancel its tasks with `maestro task cancel TASK`, or wait until they have ended', exit: 1 },
  TENANT_ERASED: { cure: 'Choose another name: that of an erased tenant is never given again', exit: 2 },
  TENANT_INVALID: { cure: 'Correct the value that the message names', exit: 2 },
  REPO_UNKNOWN: { cure: 'Add it with `maestro repo add --tenant T PATH_OR_URL`', exit: 2 },
  TASK_UNKNOWN: { cure: 'List the tasks with `maestro task list`', exit: 2 },
  TASK_STATE: { cure: 'Look at the task with `maestro task show TASK`', exit: 1 },
  CHANGE_UNKNOWN: { cure: 'List the changes with `maestro change list`', exit: 2 },
  CHANGE_STATE: { cure: 'Look at the change with `maestro change show CHANGE`', exit: 1 },
  CHANGE_NOT_MERGED: { cure: 'Leave --merge-report out: git merged its files by itself, or none was merged', exit: 1 },
  WORK_INVALID: { cure: 'Correct the request as each reason says', exit: 2 },
  TASK_KEY_REUSED: { cure: 'Give another --key, or leave it out', exit: 2 },
  FLEET_INVALID: { cure: 'Correct the place that the message names; maestro config export shows the form', exit: 2 },
  FLEET_CONFLICT: {
    cure: 'Give the repository another name in the file: where it comes from and how it is tested is fixed when it is added',
    exit: 1,
  },
  OVERRIDE_UNKNOWN: { cure: 'List the overrides with `maestro override list`', exit: 2 },
  OVERRIDE_STATE: { cure: 'Look at it with `maestro override list`; ask for a new one if it has ended', exit: 1 },
  OVERRIDE_INVALID: { cure: 'Correct what the message names', exit: 2 },
  DECISION_UNKNOWN: {
    cure: 'Decisions of a task are shown by `maestro task show TASK`; the id begins with dec',
    exit: 2,
  },
  PRINCIPAL_UNKNOWN: { cure: 'Give it a role with `maestro principal set ID --tenant T --role ROLE`', exit: 2 },
  ROLE_INVALID: { cure: 'Give it for the whole installation: leave --tenant out', exit: 2 },
  API_KEY_UNKNOWN: { cure: 'List the keys with `maestro key list`', exit: 2 },
  API_KEY_ENDED: { cure: 'Make a new one with `maestro key create`', exit: 1 },
  WEBHOOK_UNKNOWN: { cure: 'List the webhooks with `maestro webhook list --tenant T`', exit: 2 },
  EVIDENCE_NONE: { cure: 'Evidence is written when a task ends; look at it with `maestro task show TASK`', exit: 1 },
  NO_SUCH_SCOPE: { cure: 'Name org, team:NAME or tenant:ID; `maestro budget show` lists them', exit: 2 },
  SCOPE_WITHOUT_CAP: { cure: 'Give it a cap first with `maestro budget set`', exit: 2 },
  CAP_BELOW_USED: { cure: 'Choose a cap of at least what is spent and held in this period', exit: 2 },
  UP_RUNNING: {
    cure: 'Use the one that runs, stop it first, or add capacity with `maestro worker`',
    exit: 2,
  },
  NO_SUCH_WORKER: {
    cure: 'List the workers with `maestro worker list`; a part of the id that only it has is enough',
    exit: 2,
  },
  CANNOT_LISTEN: { cure: 'Choose another address with --host and --port, or end what listens there', exit: 4 },
  SANDBOX_REQUIRED: { cure: 'Install bubblewrap (apt-get install bubblewrap), or set sandbox.mode to auto', exit: 4 },
  MODELS_ABSENT: { cure: 'Connect a provider of models to the gateway, or use a recipe', exit: 4 },
  SIMULATION_INVALID: { cure: 'Correct what the message names; `maestro qos simulate --help` has an example', exit: 2 },
  SIMULATION_NO_HISTORY: {
    cure: 'Name the tenants with --tenants, for example --tenants web:weight=2,per-hour=30,mean=5m',
    exit: 2,
  },
  RUN_TIMED_OUT: { cure: 'Make the work or the tests faster, or raise the setting `run.wall`', exit: 1 },
  DISK_LOW: { cure: 'Free space on the volume of the data directory; admitted work goes on by itself', exit: 4 },
  NO_GATEWAY_FILE: {
    cure: 'Write one as docs/concepts/gateway.md shows, or name it in gateway.file',
    exit: 2,
  },
  GATEWAY_FILE_UNREADABLE: { cure: 'Correct the YAML of the file', exit: 2 },
  INTERNAL: { cure: 'Report it with the details; the work is kept and can be retried', exit: 70 },
} as const satisfies ErrorTable);

export type AppErrorCode = keyof typeof APP_ERRORS;

/** A request that cannot be carried out as it stands, or the application's own fault. */
export class AppError extends MaestroError<AppErrorCode> {
  constructor(code: AppErrorCode, message: string, more: { details?: ErrorDetails; cause?: unknown } = {}) {
    super({ code, message, cure: APP_ERRORS[code].cure, ...more });
  }
}

/** Reasons found before any money is spent, as one error. */
export function workInvalid(reasons: readonly Reason[]): AppError {
  const text = reasons.map(({ msg, fix }) => `${msg}; ${fix}`).join('\n');
  return new AppError('WORK_INVALID', text, { details: { reasons } });
}
