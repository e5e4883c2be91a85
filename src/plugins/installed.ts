import { z } from 'zod';
import type { PluginState } from './ports.ts';

const permissionsSchema = z.strictObject({
  fs_read: z.array(z.string()),
  fs_edit: z.array(z.string()),
  regex: z.boolean(),
  ast: z.boolean(),
  log: z.boolean(),
  kv: z.boolean(),
});

const installedSchema = z.strictObject({
  /** By tenant, then plugin name. */
  tenants: z.record(
    z.string(),
    z.record(
      z.string(),
      z.strictObject({
        version: z.string(),
        /** SHA-256 hex of the OCI manifest in the store. */
        image: z.string(),
        module: z.string(),
        granted: permissionsSchema,
        approvedBy: z.string(),
        approvedAt: z.int(),
      }),
    ),
  ),
  /** Highest version that was ever installed, by name: what comes later must not be older. */
  highest: z.record(z.string(), z.string()),
  /** Module digests that this installation no longer runs, with the reason. */
  revoked: z.record(z.string(), z.string()),
  catalogVersion: z.int(),
});

/** What is installed for whom, with what rights, approved by whom. */
export type Installed = z.infer<typeof installedSchema>;
export type InstalledPlugin = Installed['tenants'][string][string];

const NOTHING: Installed = { tenants: {}, highest: {}, revoked: {}, catalogVersion: 0 };

export async function loadInstalled(state: PluginState): Promise<Installed> {
  const stored = await state.load('installed');
  return stored === null ? NOTHING : installedSchema.parse(stored);
}

export async function saveInstalled(state: PluginState, installed: Installed): Promise<void> {
  await state.save('installed', installed);
}
