/**
 * What a repository's programs need to run: built once with allow-listed egress, then used offline and read-only.
 * `key` is the digest of lock files and declaration; `empty` environments need nothing but Node.
 */
export type Environment = {
  readonly key: string;
  readonly kind: 'empty' | 'npm' | 'pnpm' | 'yarn' | 'declared';
  /** Host directories that appear read-only inside the workspace, e.g. `node_modules` from the cache. */
  readonly mounts: readonly EnvironmentMount[];
  readonly env: { readonly [name: string]: string };
  /** Folders, relative to the workspace, that come first on the PATH: the package manager that was brought along. */
  readonly path?: readonly string[];
};

export type EnvironmentMount = {
  readonly host: string;
  /** Relative to the workspace. */
  readonly at: string;
  /** Folders below `at` that programs may write to and that are forgotten afterwards (`.vite-temp`, `.cache`). */
  readonly scratch: readonly string[];
};

export const EMPTY_ENVIRONMENT: Environment = { key: 'empty', kind: 'empty', mounts: [], env: {} };
