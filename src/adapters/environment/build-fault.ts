import type { SandboxResult } from '#domain/sandbox.ts';
import { type EnvironmentError, environmentFault } from './errors.ts';
import type { EgressProxy } from './proxy.ts';

const NO_CONNECTION = [
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
];
const REFUSED = ['E401', 'E403', 'E404'];

/** npm says its code in a line of its own: `npm error code EUSAGE`. */
export function npmCode(result: SandboxResult): string | undefined {
  return /^npm (?:error|ERR!) code (\w+)$/m.exec(result.stderr)?.[1];
}

/** Why a build failed, from what the proxy saw and what the package manager said. */
export function buildFault(argv: readonly string[], result: SandboxResult, proxy: EgressProxy): EnvironmentError {
  const command = argv.join(' ');
  const words = withoutFetches(`${result.stdout}\n${result.stderr}`).trim().slice(-2000);
  const code = npmCode(result) ?? '';
  const details = { command, exitCode: result.exitCode, npmCode: code, output: words };
  if (proxy.denied.size > 0) {
    return environmentFault(
      'ENVIRONMENT_HOST_DENIED',
      `\`${command}\` asked for ${list(proxy.denied)}, which is not allowed`,
      { details },
    );
  }
  if (proxy.unreachable.size > 0 || NO_CONNECTION.includes(code)) {
    const what = proxy.unreachable.size > 0 ? list(proxy.unreachable) : `the registry (${code})`;
    return environmentFault('ENVIRONMENT_REGISTRY_UNREACHABLE', `\`${command}\` could not reach ${what}`, { details });
  }
  if (REFUSED.includes(code)) {
    return environmentFault(
      'ENVIRONMENT_REGISTRY_REFUSED',
      `\`${command}\` was refused by the registry (${code}): ${words}`,
      { details },
    );
  }
  if (result.endedBy === 'timeout') {
    return environmentFault('ENVIRONMENT_BUILD_TIMED_OUT', `\`${command}\` did not end within ${result.wallMs} ms`, {
      details,
    });
  }
  if (result.exitCode === 127) {
    return environmentFault('ENVIRONMENT_TOOL_MISSING', `\`${argv[0] ?? ''}\` is not there`, { details });
  }
  return environmentFault('ENVIRONMENT_BUILD_FAILED', `\`${command}\` failed: ${words}`, { details });
}

/** Without npm's line for each fetch, which tell that it goes on and not why it failed. */
function withoutFetches(output: string): string {
  return output.replaceAll(/^npm http .*\n/gm, '');
}

function list(hosts: ReadonlySet<string>): string {
  return [...hosts].toSorted().join(', ');
}
