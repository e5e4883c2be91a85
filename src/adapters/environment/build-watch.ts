import type { Clock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { type EnvironmentError, environmentFault } from './errors.ts';
import type { EgressProxy } from './proxy.ts';

const LOOK_EVERY_MS = 10_000;

// Node's and OpenSSL's codes of a certificate that is not trusted. Package managers try again for minutes, to no end.
const UNTRUSTED =
  /\b(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)\b/;

export interface BuildWatchOptions {
  readonly clock: Clock;
  /** How long a build may say and receive nothing. */
  readonly stallMs: number;
  /** Told every ten seconds how far a build is. */
  readonly progress: (of: { readonly [field: string]: Json }) => void;
}

/** Looks after one command of a build while it runs: tells how far it is, and stops it when it cannot come to an end. */
export interface BuildWatch extends Disposable {
  readonly heard: (text: string) => void;
  /** Aborted with the fault that stopped the build. */
  readonly stop: AbortSignal;
}

export function watchBuild(
  argv: readonly string[],
  proxy: Pick<EgressProxy, 'receivedBytes'>,
  { clock, stallMs, progress }: BuildWatchOptions,
): BuildWatch {
  const command = argv.join(' ');
  const over = new AbortController();
  const stop = new AbortController();
  const startedAt = clock.now();
  let lastSignAt = startedAt;
  let lastBytes = proxy.receivedBytes();
  let lastLine = '';

  const fail = (fault: EnvironmentError): void => stop.abort(fault);
  const heard = (text: string): void => {
    lastSignAt = clock.now();
    lastLine = text.trim().split('\n').at(-1) ?? lastLine;
    const [code] = UNTRUSTED.exec(text) ?? [];
    if (code !== undefined) fail(untrusted(command, code));
  };
  const look = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, over.signal);
      const bytes = proxy.receivedBytes();
      if (bytes > lastBytes) lastSignAt = clock.now();
      lastBytes = bytes;
      progress({ command, receivedBytes: bytes, forMs: clock.now() - startedAt });
      if (clock.now() - lastSignAt >= stallMs) return fail(stalled(command, clock.now() - lastSignAt, lastLine));
    }
  };
  // Rejects when the command is over; then nobody listens any more.
  look().catch(() => undefined);
  return { heard, stop: stop.signal, [Symbol.dispose]: () => over.abort() };
}

function untrusted(command: string, code: string): EnvironmentError {
  const message = `\`${command}\` met a certificate that is not trusted (${code})`;
  return environmentFault('ENVIRONMENT_REGISTRY_UNTRUSTED', message, { details: { command, tlsCode: code } });
}

function stalled(command: string, quietMs: number, lastLine: string): EnvironmentError {
  const last = lastLine === '' ? 'it had said nothing' : `its last line was: ${lastLine.slice(0, 300)}`;
  const message = `\`${command}\` neither said nor received anything for ${Math.round(quietMs / 1000)} s; ${last}`;
  return environmentFault('ENVIRONMENT_BUILD_STALLED', message, { details: { command, quietMs } });
}
