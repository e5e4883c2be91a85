import type { RegistryCredentials } from '#adapters/plugin-store/registry-login.ts';
import type { TenantId } from '#domain/ids.ts';
import type { Plugins, Proved, Refused, RunResult } from '#plugins/index.ts';
import type { BlobStore, PluginBooks, PluginRunner } from '#plugins/ports.ts';
import type { Trust } from './trust.ts';

/** What belongs to the installation and to no tenant: store, books, runner, and whom it believes. */
export interface PluginParts {
  readonly store: BlobStore;
  readonly books: PluginBooks;
  readonly runner: PluginRunner;
  readonly trust: Trust;
  /** What a registry is logged in to with; undefined when nothing is set. Read anew each time, since tokens are changed. */
  credentials(): RegistryCredentials | undefined;
  /** Tenants that were offered the shipped plugins since this process began. */
  readonly offered: Set<TenantId>;
}

/**
 * The plugins room as the application uses it; opened when it is first needed. What is done for a tenant stands in the
 * table of effects: it is called behind a decision only.
 */
export interface PluginDesk {
  list(tenant: TenantId): ReturnType<Plugins['list']>;
  /** Verifies and admits; runs nothing. */
  prove(tenant: TenantId, id: string): Promise<Proved | Refused>;
  run(...args: Parameters<Plugins['run']>): Promise<RunResult>;
  plan(...args: Parameters<Plugins['plan']>): ReturnType<Plugins['plan']>;
  install(...args: Parameters<Plugins['install']>): Promise<void>;
  remove(...args: Parameters<Plugins['remove']>): Promise<void>;
  /** For every tenant of the installation. */
  revoke(digest: string, because: string): Promise<void>;
  /** The SBOM of a package as it was signed; null when this store no longer has it. */
  sbom(digest: string): Promise<string | null>;
  parts(): Promise<PluginParts>;
}
