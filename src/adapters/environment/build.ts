import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '#adapters/files/temp-folder.ts';
import type { Sandbox, SandboxCommand, SandboxLimits, SandboxResult } from '#domain/sandbox.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import { bringManager } from './brought.ts';
import { buildFault, npmCode } from './build-fault.ts';
import { type BuildWatchOptions, watchBuild } from './build-watch.ts';
import { proxyVariables } from './forward.ts';
import { isLater, type ManagerName, MANAGERS } from './managers.ts';
import type { Needs } from './needs.ts';
import type { NpmSettings } from './npm-settings.ts';
import { startProxy } from './proxy.ts';

export interface BuildOptions extends BuildWatchOptions {
  readonly sandbox: Sandbox;
  /** How the forwarder is started inside walls; the program and its arguments come after the proxy's socket. */
  readonly forwarder: { readonly argv: readonly string[]; readonly readOnly: readonly string[] };
  readonly npm: NpmSettings;
  /** Hosts beside the registry that builds may reach: the setting `egress.allow`. */
  readonly allowHosts: readonly string[];
  /** Packages whose install scripts may run, beside those that the repository declares. */
  readonly installScripts: readonly string[];
  readonly limits: SandboxLimits;
}

/** Package managers say much, and what matters comes last. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** A folder with a tree in it, and the tenant for whom programs run there. */
export interface BuildPlace {
  readonly dir: string;
  readonly ordinal: number;
}

/** Fills the folder's environment in the sandbox; gives the commands that did it. */
export async function build(
  needs: Needs,
  place: BuildPlace,
  options: BuildOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return withEgress(needs, place, options, signal, ({ must, run, fault }) =>
    runAll(needs, options.installScripts, { must, run, fault }),
  );
}

/** Programs of a package manager in the sandbox, which reach the registry and nothing else. */
export interface Egress {
  readonly run: (argv: readonly string[]) => Promise<SandboxResult>;
  /** Rejects with the fault when the program does not end well. */
  readonly must: (argv: readonly string[]) => Promise<void>;
  readonly fault: (argv: readonly string[], result: SandboxResult) => Error;
}

export async function withEgress<T>(
  needs: Needs,
  place: BuildPlace,
  options: BuildOptions,
  signal: AbortSignal,
  work: (egress: Egress) => Promise<T>,
): Promise<T> {
  const outside = await makeTempFolder('maestro-egress-');
  try {
    const socket = join(outside, 'proxy');
    await using proxy = await startProxy({ socket, hosts: [...registryHosts(options.npm), ...options.allowHosts] });
    const run = async (argv: readonly string[]): Promise<SandboxResult> => {
      using watch = watchBuild(argv, proxy, options);
      const command = { ...commandOf(argv, { needs, place, options, socket }), heard: watch.heard };
      const result = await options.sandbox.run(command, AbortSignal.any([signal, watch.stop]));
      if (result.endedBy === 'abort') signal.throwIfAborted();
      watch.stop.throwIfAborted();
      return result;
    };
    const fault = (argv: readonly string[], result: SandboxResult): Error => buildFault(argv, result, proxy);
    const must = async (argv: readonly string[]): Promise<void> => {
      const result = await run(argv);
      if (result.exitCode !== 0) throw fault(argv, result);
    };
    return await work({ run, must, fault });
  } finally {
    await rm(outside, { recursive: true, force: true });
  }
}

/** The public registry goes by two names, and lock files of yarn use the other one. */
function registryHosts({ registry }: NpmSettings): readonly string[] {
  const { host } = new URL(registry);
  return host === 'registry.npmjs.org' ? [host, 'registry.yarnpkg.com'] : [host];
}

async function runAll(needs: Needs, allowed: readonly string[], egress: Egress): Promise<readonly string[]> {
  const done: string[] = [];
  const must = async (argv: readonly string[]): Promise<void> => {
    await egress.must(argv);
    done.push(argv.join(' '));
  };
  const { kind, declaration } = needs;
  for (const argv of declaration.commands) await must(argv);
  if (kind === 'empty' || kind === 'declared') return done;

  const manager = MANAGERS[kind];
  const program = await managerProgram(kind, needs.managerVersion, must);
  const install = program(manager.install);
  const first = await egress.run(install);
  if (first.exitCode === 0) done.push(install.join(' '));
  else if (manager.fallback !== undefined && npmCode(first) === manager.fallback.code)
    await must(manager.fallback.command);
  else throw egress.fault(install, first);
  const scripts = [...new Set([...allowed, ...declaration.installScripts])];
  if (scripts.length > 0) await must([...program(manager.rebuild), ...scripts]);
  return done;
}

/** Brings the version of the package manager that the repository names; gives how a command of it is started. */
export async function managerProgram(
  kind: ManagerName,
  version: string | undefined,
  must: Egress['must'],
): Promise<(argv: readonly string[]) => readonly string[]> {
  const brought = bringManager(kind, version);
  if (brought === undefined) return (argv) => argv;
  await must(brought.command);
  return (argv) => (argv[0] === kind ? [brought.program, ...argv.slice(1)] : argv);
}

function commandOf(
  argv: readonly string[],
  {
    needs,
    place,
    options,
    socket,
  }: { needs: Needs; place: { dir: string; ordinal: number }; options: BuildOptions; socket: string },
): SandboxCommand {
  const { directory, env } = needs.declaration;
  const { registry, cafile } = options.npm;
  const here = directory === '.' ? argv : ['env', '-C', directory, ...argv];
  const isWalled = options.sandbox.profile.network === 'none';
  const manager =
    needs.kind === 'empty' || needs.kind === 'declared' ? {} : MANAGERS[needs.kind].env(isLater(needs.managerVersion));
  const certificates = cafile === undefined ? {} : { npm_config_cafile: cafile, NODE_EXTRA_CA_CERTS: cafile };
  return {
    ordinal: place.ordinal,
    argv: isWalled ? [...options.forwarder.argv, socket, ...here] : here,
    workspace: place.dir,
    environment: EMPTY_ENVIRONMENT,
    readOnly: isWalled ? [socket, ...options.forwarder.readOnly, ...(cafile === undefined ? [] : [cafile])] : [],
    env: {
      CI: 'true',
      npm_config_registry: registry,
      YARN_NPM_REGISTRY_SERVER: registry,
      ...certificates,
      ...manager,
      ...(isWalled ? proxyVariables() : {}),
      ...env,
    },
    limits: { ...options.limits, outputBytes: OUTPUT_BYTES },
  };
}
