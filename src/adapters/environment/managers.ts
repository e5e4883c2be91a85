export type ManagerName = 'npm' | 'pnpm' | 'yarn';

/** How one package manager fills `node_modules` from its lock file, without running what packages bring along. */
export interface Manager {
  readonly locks: readonly string[];
  readonly install: readonly string[];
  /** Tried when `install` ends with this code of npm: the lock does not list what this platform needs. */
  readonly fallback?: { readonly code: string; readonly command: readonly string[] };
  /** Runs the install scripts of the packages that are named after it. */
  readonly rebuild: readonly string[];
  readonly env: { readonly [name: string]: string };
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
    // By default npm would try a registry that is not there for more than a minute.
    env: {
      npm_config_cache: CACHE,
      npm_config_fetch_retry_mintimeout: '500',
      npm_config_fetch_retry_maxtimeout: '3000',
    },
  },
  pnpm: {
    locks: ['pnpm-lock.yaml'],
    install: [
      ...['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts', '--reporter=append-only'],
      '--config.package-import-method=copy',
    ],
    rebuild: ['pnpm', 'rebuild'],
    // Also as npm's, which brings the version of pnpm that the repository names.
    env: { npm_config_store_dir: CACHE, npm_config_cache: CACHE },
  },
  yarn: {
    locks: ['yarn.lock'],
    // Version 1 and the later ones share this much; the later ones take the rest from their environment.
    install: ['yarn', 'install', '--frozen-lockfile'],
    rebuild: ['npm', 'rebuild', '--ignore-scripts=false', '--foreground-scripts'],
    env: {
      YARN_CACHE_FOLDER: CACHE,
      npm_config_cache: CACHE,
      YARN_IGNORE_SCRIPTS: 'true',
      YARN_ENABLE_SCRIPTS: 'false',
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_TELEMETRY: '0',
    },
  },
};

export const MANAGER_NAMES: readonly ManagerName[] = ['npm', 'pnpm', 'yarn'];
