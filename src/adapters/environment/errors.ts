import { type ErrorDetails, type ErrorTable, MaestroError } from '#kernel/error.ts';

/** Every fault of finding or building an environment, with its cure and exit code. */
export const ENVIRONMENT_ERRORS = Object.freeze({
  ENVIRONMENT_DECLARATION_INVALID: {
    cure: 'Correct the section `environment` of `.maestro.yaml` at the place that the message names',
    exit: 2,
  },
  ENVIRONMENT_MANIFEST_INVALID: { cure: 'Correct the package.json that the message names', exit: 2 },
  ENVIRONMENT_LOCK_MISSING: {
    cure: 'Commit a lock file (`npm install --package-lock-only`), or set `manager: none` under `environment` in `.maestro.yaml`',
    exit: 2,
  },
  ENVIRONMENT_AMBIGUOUS: {
    cure: 'Keep one lock file, or name the package manager in `packageManager` of package.json or in `.maestro.yaml`',
    exit: 2,
  },
  ENVIRONMENT_TOOL_MISSING: { cure: 'Install the package manager that the repository uses on this machine', exit: 4 },
  ENVIRONMENT_HOST_DENIED: {
    cure: 'If the host is to be trusted, add it to the setting `egress.allow`; else take it out of the lock file',
    exit: 3,
  },
  ENVIRONMENT_REGISTRY_UNREACHABLE: {
    cure: 'Check the network and the address of the registry, or set npm to one that can be reached',
    exit: 4,
  },
  ENVIRONMENT_REGISTRY_UNTRUSTED: {
    cure: "Name the file with the registry's certificate as npm's setting cafile, or in NODE_EXTRA_CA_CERTS where Maestro starts",
    exit: 4,
  },
  ENVIRONMENT_REGISTRY_REFUSED: {
    cure: 'Give npm on this machine the rights for the registry, and check that the packages exist there',
    exit: 4,
  },
  ENVIRONMENT_BUILD_FAILED: {
    cure: "Read the package manager's own words; try the same command in a fresh clone",
    exit: 1,
  },
  ENVIRONMENT_BUILD_STALLED: {
    cure: 'Check the connection to the registry; if the build is only quiet, raise the setting `environment.stall`',
    exit: 4,
  },
  ENVIRONMENT_BUILD_TIMED_OUT: { cure: 'Give builds more time, or make the environment smaller', exit: 1 },
} as const satisfies ErrorTable);

export type EnvironmentErrorCode = keyof typeof ENVIRONMENT_ERRORS;

export class EnvironmentError extends MaestroError<EnvironmentErrorCode> {}

/** The fault of that code, with the cure of the table. */
export function environmentFault(
  code: EnvironmentErrorCode,
  message: string,
  more: { details?: ErrorDetails; cause?: unknown } = {},
): EnvironmentError {
  return new EnvironmentError({ code, message, cure: ENVIRONMENT_ERRORS[code].cure, ...more });
}
