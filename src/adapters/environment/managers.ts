export type ManagerName = 'npm' | 'pnpm' | 'yarn';

/** How one package manager fills `node_modules` from its lock file, without running what packages bring along. */
export interface Manager {
  readonly locks: readonly string[];
  readonly install: readonly string[];
  /** Tried when `install` ends with this code of npm: the lock does not list what this platform needs. */
  readonly fallback?: { readonly code: string; readonly command: readonly string[] };
  /** Runs the install scripts of the packages that are named after it. */
  readonly rebuild: readonly string[];
  /** `later`: a version of yarn after the first, which is another program. */
  readonly env: (later: boolean) => { readonly [name: string]: string };
  /** Makes the lock file anew, and nothing else where that can be had. */
  readonly relock: (later: boolean) => Relock;
}

interface Relock {
  readonly command: readonly string[];
  /** True: it reads git's markers in a lock file as the two versions that they are, so that what either pinned stays pinned. */
  readonly readsMarkers: boolean;
}

/** Relative, so that it lies in the build's own folder inside and outside of walls. */
export const CACHE = '.maestro-cache';
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts'];

/** The family of package managers. */
export const MANAGERS: { readonly [name in ManagerName]: Manager } = {
  npm: {
    locks: ['package-lock.json', 'npm-shrinkwrap.json'],
    install: ['npm', 'ci', ...QUIET, '--loglevel=http'],
    fallback: { code: 'EUSAGE', command: ['npm', 'install', '--no-save', ...QUIET, '--loglevel=http'] },
    rebuild: ['npm', 'rebuild', '--ignore-scripts=false', '--foreground-scripts'],
    relock: () => ({
      command: ['npm', 'install', '--package-lock-only', ...QUIET, '--loglevel=http'],
      readsMarkers: true,
    }),
    // By default npm would try a registry that is not there for more than a minute.
    env: () => ({
      npm_config_cache: CACHE,
      npm_config_fetch_retry_mintimeout: '500',
      npm_config_fetch_retry_maxtimeout: '3000',
    }),
  },
  pnpm: {
    locks: ['pnpm-lock.yaml'],
    install: [
      ...['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts', '--reporter=append-only'],
      '--config.package-import-method=copy',
    ],
    rebuild: ['pnpm', 'rebuild'],
    relock: () => ({
      command: [
        ...['pnpm', 'install', '--lockfile-only', '--no-frozen-lockfile', '--ignore-scripts'],
        '--reporter=append-only',
      ],
      readsMarkers: true,
    }),
    // Also as npm's, which brings the version of pnpm that the repository names.
    env: () => ({ npm_config_store_dir: CACHE, npm_config_cache: CACHE }),
  },
  yarn: {
    locks: ['yarn.lock'],
    // Version 1 and the later ones share this much; the later ones take the rest from their environment.
    install: ['yarn', 'install', '--frozen-lockfile'],
    rebuild: ['npm', 'rebuild', '--ignore-scripts=false', '--foreground-scripts'],
    // The first version can only install whole; the later ones ask git about a conflict, and here is no clone.
    relock: (later) =>
      later
        ? { command: ['yarn', 'install', '--mode=update-lockfile', '--no-immutable'], readsMarkers: false }
        : { command: ['yarn', 'install', '--ignore-scripts', '--no-progress'], readsMarkers: true },
    env: (later) => ({
      YARN_CACHE_FOLDER: CACHE,
      npm_config_cache: CACHE,
      // The later ones refuse settings that they do not know.
      ...(later ? {} : { YARN_IGNORE_SCRIPTS: 'true' }),
      YARN_ENABLE_SCRIPTS: 'false',
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_TELEMETRY: '0',
    }),
  },
};

/** Is this a version of yarn after the first? */
export function isLater(version: string | undefined): boolean {
  return version !== undefined && !version.startsWith('1.');
}

export const MANAGER_NAMES: readonly ManagerName[] = ['npm', 'pnpm', 'yarn'];
