import type { ManagerName } from './managers.ts';

/** Folder in the build's own directory; its `node_modules` stays part of the environment. */
const FOLDER = '.maestro-tools';

/** Where a package manager that was brought along has its programs, relative to the directory of package.json. */
export const BROUGHT_PROGRAMS = `${FOLDER}/node_modules/.bin`;

/** How a package manager is fetched from the registry, as a package like others. */
export interface Brought {
  readonly command: readonly string[];
  /** The program's path, relative to the directory of package.json. */
  readonly program: string;
}

/** The version that package.json names is the one that is used, whatever the machine has; npm itself is always there. */
export function bringManager(manager: ManagerName, version: string | undefined): Brought | undefined {
  if (manager === 'npm' || version === undefined) return undefined;
  const name = manager === 'yarn' && !version.startsWith('1.') ? '@yarnpkg/cli-dist' : manager;
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts'];
  return {
    command: ['npm', 'install', '--prefix', FOLDER, '--no-save', ...quiet, `${name}@${version}`],
    program: `${BROUGHT_PROGRAMS}/${manager}`,
  };
}

/** Exactly one version, as in `pnpm@9.15.9+sha512.…`; a range is not one. */
export function exactVersion(declared: string): string | undefined {
  return /^[a-z]+@(\d+\.\d+\.\d+(?:-[\w.]+)?)(?:\+|$)/.exec(declared)?.[1];
}
