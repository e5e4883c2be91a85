import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox, SandboxCommand, SandboxLimits, SandboxResult } from '#domain/sandbox.ts';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import { bringManager } from './brought.ts';
import { buildFault, npmCode } from './build-fault.ts';
import { type BuildWatchOptions, watchBuild } from './build-watch.ts';
import { proxyVariables } from './forward.ts';
import { MANAGERS } from './managers.ts';
import type { Needs } from './needs.ts';
import type { NpmSettings } from './npm-settings.ts';
import { type EgressProxy, startProxy } from './proxy.ts';

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

/** Fills the folder's environment in the sandbox; gives the commands that did it. */
export async function build(
  needs: Needs,
  place: { readonly dir: string; readonly ordinal: number },
  options: BuildOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const outside = await mkdtemp(join(tmpdir(), 'maestro-egress-'));
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
    return await runAll(needs, options.installScripts, run, proxy);
  } finally {
    await rm(outside, { recursive: true, force: true });
  }
}

/** The public registry goes by two names, and lock files of yarn use the other one. */
function registryHosts({ registry }: NpmSettings): readonly string[] {
  const { host } = new URL(registry);
  return host === 'registry.npmjs.org' ? [host, 'registry.yarnpkg.com'] : [host];
}

type Run = (argv: readonly string[]) => Promise<SandboxResult>;

async function runAll(
  needs: Needs,
  allowed: readonly string[],
  run: Run,
  proxy: EgressProxy,
): Promise<readonly string[]> {
  const done: string[] = [];
  const must = async (argv: readonly string[]): Promise<void> => {
    const result = await run(argv);
    if (result.exitCode !== 0) throw buildFault(argv, result, proxy);
    done.push(argv.join(' '));
  };
  const { kind, declaration, managerVersion } = needs;
  for (const argv of declaration.commands) await must(argv);
  if (kind === 'empty' || kind === 'declared') return done;

  const manager = MANAGERS[kind];
  const brought = bringManager(kind, managerVersion);
  if (brought !== undefined) await must(brought.command);
  const program = (argv: readonly string[]): readonly string[] =>
    brought === undefined || argv[0] !== kind ? argv : [brought.program, ...argv.slice(1)];
  const install = program(manager.install);
  const first = await run(install);
  if (first.exitCode === 0) done.push(install.join(' '));
  else if (manager.fallback !== undefined && npmCode(first) === manager.fallback.code)
    await must(manager.fallback.command);
  else throw buildFault(install, first, proxy);
  const scripts = [...new Set([...allowed, ...declaration.installScripts])];
  if (scripts.length > 0) await must([...program(manager.rebuild), ...scripts]);
  return done;
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
  const manager = needs.kind === 'empty' || needs.kind === 'declared' ? {} : MANAGERS[needs.kind].env;
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
