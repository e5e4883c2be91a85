import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { workspaceFiles } from '#adapters/plugin-store/workspace-files.ts';
import { openStore, pluginBooks } from '#adapters/sql/index.ts';
import type { PrincipalId, TenantId } from '#domain/ids.ts';
import { systemClock } from '#kernel/clock.ts';
import type { Json } from '#kernel/json.ts';
import { builtinPolicy } from '#plugins/builtin-policy.ts';
import { readManifest } from '#plugins/manifest.ts';
import { publish } from '#plugins/market/oci.ts';
import { Plugins, type RunResult } from '#plugins/plugins.ts';
import type { PluginPackage } from '#plugins/provenance/verify.ts';
import { updateTrust } from '#plugins/trust.ts';

export const SHIPPED = join(import.meta.dirname, '..', '..', 'plugins');
export const ACME = 'acme' as TenantId;

export function shippedPackage(name: string): PluginPackage {
  const file = (path: string): Buffer => readFileSync(join(SHIPPED, name, path));
  return {
    module: file('built/module.wasm'),
    manifest: file('manifest.yaml'),
    sbom: file('built/sbom.cdx.json'),
    bundle: file('built/bundle.jsonl').toString(),
  };
}

/** An installation with the three shipped plugins, installed for one tenant the way a person would. */
export async function installation() {
  const folder = mkdtempSync(join(tmpdir(), 'plugins-'));
  const runner = new ConfinedPluginRunner({ workers: 2, bwrap: findBwrap() });
  const sql = await openStore({ engine: 'sqlite', path: join(folder, 'maestro.db') });
  const books = pluginBooks(sql.truth);
  const pinnedRoot = JSON.parse(readFileSync(join(SHIPPED, 'trust-root/pinned-root.json'), 'utf8'));
  await updateTrust(
    books,
    pinnedRoot,
    readFileSync(join(SHIPPED, 'trust-root/trust-root.jsonl'), 'utf8'),
    systemClock.now(),
  );
  const store = await openLayout(join(folder, 'store'));
  const plugins = new Plugins({
    store,
    books,
    policy: builtinPolicy(),
    runner,
    files: workspaceFiles,
    clock: systemClock,
    pinnedRoot,
  });
  for (const name of readdirSync(SHIPPED).filter((each) =>
    readdirSync(join(SHIPPED, each)).includes('manifest.yaml'),
  )) {
    const plugin = shippedPackage(name);
    await publish(store, plugin, readManifest(plugin.manifest.toString()));
    const planned = await plugins.plan(ACME, `plugin.${name}`);
    if (!planned.ok) throw new Error(JSON.stringify(planned.reasons));
    await sql.truth.tx((tx) => plugins.install(tx, ACME, planned.plan, 'human:ada' as PrincipalId));
  }
  return {
    plugins,
    runner,
    store,
    folder,
    run: async (id: string, input: Json, workspace: string | null): Promise<RunResult> => {
      const proved = await plugins.prove(ACME, id);
      if (!proved.ok) return { ok: false, code: proved.reasons[0]?.code ?? '', reasons: proved.reasons };
      return plugins.run(proved, { input, workspace }, new AbortController().signal);
    },
    close: async () => {
      await runner.close();
      await sql.close();
      rmSync(folder, { recursive: true });
    },
  };
}
