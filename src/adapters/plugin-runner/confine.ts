import { existsSync, realpathSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownCode } from './own-code.ts';
import { URGENT } from './priority.ts';

/** How to start the confined process, and what its walls are made of. */
export interface Confinement {
  readonly argv: readonly string[];
  /** Where the process sees the workspace. */
  readonly root: string | null;
  readonly walls: readonly string[];
}

/** V8 reserves half a gibibyte of code range for each thread, which the kernel counts as data; a worker being replaced counts twice. */
const DATA_MIB_PER_ISOLATE = 640;
const DATA_MIB_FOR_GUESTS = 1024;
/** The only files that it can write are its output lanes. */
const MOST_LANE_BYTES = 128 * 1024 * 1024;
/** A place where no Maestro has its code: one inside the sandbox of another lies in `/workspace`. */
const GRANTED = '/granted';
const NODE_FLAGS = [
  '--disable-proto=delete',
  '--disallow-code-generation-from-strings',
  '--no-warnings',
  '--max-old-space-size=192',
  // One thread beside the workers for compiling and for garbage; four would hold six mebibytes more.
  '--v8-pool-size=1',
];

/**
 * Bubblewrap where it is present: own namespaces, no network, no capabilities, only Node, Maestro's own code and the
 * workspace, all read-only. Otherwise Node's permission model, which stops mistakes but not an attacker inside V8.
 */
export function confine(options: { root: string | null; bwrap: string | null; workers: number }): Confinement {
  const entry = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));
  const dataMib = DATA_MIB_PER_ISOLATE * (2 * options.workers + 1) + DATA_MIB_FOR_GUESTS;
  const limits = [
    '/usr/bin/prlimit',
    `--data=${dataMib * 1024 * 1024}`,
    '--core=0',
    '--nofile=1024',
    `--fsize=${MOST_LANE_BYTES}`,
  ];
  const prlimit = [...urgent(), ...(existsSync(limits[0] ?? '') ? limits : [])];
  const rlimits = prlimit.includes('--core=0') ? [`rlimits: ${dataMib} MiB of data, no core dump`] : [];
  if (options.bwrap !== null) {
    const root = options.root === null ? null : GRANTED;
    return {
      argv: [
        ...prlimit,
        options.bwrap,
        ...'--unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL --proc /proc --dev /dev'.split(' '),
        ...['/usr/lib', '/lib', '/lib64'].filter((path) => existsSync(path)).flatMap((path) => readOnly(path)),
        ...ownCode().flatMap(({ real, seenAt }) => readOnly(real, seenAt)),
        ...readOnly(realpathSync(process.execPath)),
        ...(options.root === null ? [] : readOnly(options.root, GRANTED)),
        '--remount-ro',
        '/',
        '--chdir',
        '/',
        realpathSync(process.execPath),
        ...NODE_FLAGS,
        entry,
        String(options.workers),
      ],
      root,
      walls: ['bubblewrap: own namespaces, no network, no capabilities, everything read-only', ...rlimits],
    };
  }
  const code = ownCode().flatMap(({ real, seenAt }) => [real, seenAt]);
  const readable = [...new Set(code), '/proc/self', ...(options.root === null ? [] : [options.root])];
  return {
    argv: [
      ...prlimit,
      process.execPath,
      ...NODE_FLAGS,
      '--permission',
      '--allow-worker',
      '--allow-addons',
      ...readable.map((path) => `--allow-fs-read=${path}`),
      entry,
      String(options.workers),
    ],
    root: options.root,
    walls: ['Node permission model: reads limited to the workspace, no writes, no child processes', ...rlimits],
  };
}

/** The process starts urgent, so that the thread that watches deadlines goes before others on a busy machine; its workers, where guests run, give that up. */
function urgent(): readonly string[] {
  return process.getuid?.() === 0 && existsSync('/usr/bin/nice') ? ['/usr/bin/nice', '-n', String(URGENT)] : [];
}

function readOnly(path: string, seenAt = path): readonly string[] {
  return ['--ro-bind', path, seenAt];
}
