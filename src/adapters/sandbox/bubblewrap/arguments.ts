import type { SandboxCommand } from '#domain/sandbox.ts';
import { metered } from '../child.ts';
import type { Mark } from '../mark.ts';
import { privateMemory } from '../private-memory.ts';
import { TOOLS, type ToolBinds } from './tools.ts';

/** What the walls are built from on this machine. */
export interface Materials {
  readonly bwrap: string;
  readonly setpriv: string;
  readonly prlimit: string;
  readonly systemBinds: readonly string[];
  readonly tools: ToolBinds;
}

const WORKSPACE = '/workspace';

/** Where paths are shown that the workspace would cover: a Maestro that runs in a sandbox of another lies in its workspace. */
const COVERED = '/opt/outer';

/** Files made for the walls; their texts arrive on the descriptors 4, 5, ... in this order. */
const MADE = ['/etc/passwd', '/etc/group', '/etc/hosts'];

/** Texts of the made files for one user. */
export function dataOf(user: number): readonly string[] {
  return [
    `root:x:0:0:root:/root:/bin/sh\nsandbox:x:${user}:${user}:sandbox:/tmp/home:/bin/sh\n`,
    `root:x:0:\nsandbox:x:${user}:\n`,
    '127.0.0.1 localhost\n::1 localhost\n',
  ];
}

/**
 * The whole argument list. Root gets two layers: the outer one, still root, shows only what is needed at places that
 * every user can reach and drops to the tenant's user; the inner one builds the walls without any privilege. Only so do
 * process limits bind, can programs use bubblewrap themselves, and may the data directory lie under a closed folder.
 */
export function argumentsFor(
  command: SandboxCommand,
  options: { materials: Materials; user: number | undefined; mark: Mark },
): readonly string[] {
  const { materials, user, mark } = options;
  if (user === undefined) return walls(command, materials, mark, (host) => host);
  const staged = new Map<string, string>();
  const inner = walls(command, materials, mark, (host) => {
    const place = staged.get(host) ?? `/stage/${staged.size}`;
    staged.set(host, place);
    return place;
  });
  // Bubblewrap builds upon a folder `/tmp`, which the inner layer must find.
  const stage = ['--dir', '/tmp', '--perms', '0755', '--dir', '/stage'];
  const binds = [...staged].flatMap(([host, place]) => ['--bind', host, place]);
  const devices = ['--dev-bind', '/proc', '/proc', '--dev-bind', '/dev', '/dev'];
  const outer = [
    materials.bwrap,
    '--die-with-parent',
    ...materials.systemBinds,
    ...devices,
    ...stage,
    ...binds,
    '--chdir',
    '/',
  ];
  const id = String(user);
  const drop = ['--reuid', id, '--regid', id, '--clear-groups', '--inh-caps=-all', '--pdeathsig', 'KILL'];
  return [...outer, '--', materials.setpriv, ...drop, '--', ...inner];
}

function walls(
  command: SandboxCommand,
  materials: Materials,
  mark: Mark,
  sourceOf: (host: string) => string,
): readonly string[] {
  const { tools } = materials;
  return [
    materials.bwrap,
    ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ...['--hostname', 'sandbox'],
    ...materials.systemBinds,
    ...MADE.flatMap((path, index) => ['--perms', '0444', '--ro-bind-data', String(4 + index), path]),
    ...['--proc', '/proc', '--dev', '/dev', '--size', half(command), '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...['--size', half(command), '--tmpfs', '/tmp', '--dir', '/tmp/home', '--symlink', '/tmp', '/var/tmp'],
    ...(command.home === undefined ? [] : ['--bind', sourceOf(command.home), '/tmp/home']),
    ...tools.mounts.flatMap(({ host, at }) => ['--ro-bind', sourceOf(host), at]),
    ...tools.links.flatMap(({ target, at }) => ['--symlink', target, at]),
    ...command.readOnly.flatMap((path) => ['--ro-bind', sourceOf(path), seenAt(path)]),
    ...['--bind', sourceOf(command.workspace), WORKSPACE],
    ...mountsOf(command, sourceOf),
    ...['--remount-ro', '/', '--chdir', WORKSPACE],
    ...Object.entries(environmentOf(command, mark)).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
    ...metered([materials.prlimit, ...limitsOf(command), '--', ...argvOf(command)]),
  ];
}

function seenAt(path: string): string {
  return within(path, WORKSPACE) ? `${COVERED}${path}` : path;
}

/** The arguments, with host paths as the program sees them. */
function argvOf({ argv, readOnly }: SandboxCommand): readonly string[] {
  return argv.map((argument) => (readOnly.some((path) => within(argument, path)) ? seenAt(argument) : argument));
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Temporary files live in memory: both places together may fill what one process may have. */
function half(command: SandboxCommand): string {
  return String(Math.floor(privateMemory(command.limits) / 2));
}

function mountsOf(command: SandboxCommand, sourceOf: (host: string) => string): readonly string[] {
  return command.environment.mounts.flatMap((mount) => [
    ...['--ro-bind', sourceOf(mount.host), `${WORKSPACE}/${mount.at}`],
    ...mount.scratch.flatMap((folder) => ['--tmpfs', `${WORKSPACE}/${mount.at}/${folder}`]),
  ]);
}

function limitsOf(command: SandboxCommand): readonly string[] {
  const { limits } = command;
  return [`--data=${privateMemory(limits)}`, `--nproc=${limits.processes}`, '--core=0'];
}

function environmentOf(command: SandboxCommand, mark: Mark): { readonly [name: string]: string } {
  const brought = (command.environment.path ?? []).map((folder) => `${WORKSPACE}/${folder}`);
  return {
    PATH: [...brought, TOOLS, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    HOME: '/tmp/home',
    TMPDIR: '/tmp',
    USER: 'sandbox',
    LANG: 'C.UTF-8',
    ...command.environment.env,
    ...command.env,
    [mark.name]: mark.value,
  };
}
