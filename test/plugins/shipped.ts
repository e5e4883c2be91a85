import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfinedPluginRunner, findBwrap } from '#adapters/plugin-runner/runner.ts';
import { openLayout } from '#adapters/plugin-store/layout.ts';
import { stateFolder } from '#adapters/plugin-store/state.ts';
import { workspaceFiles } from '#adapters/plugin-store/workspace-files.ts';
import type { TenantId } from '#domain/ids.ts';
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
  const state = stateFolder(join(folder, 'state'));
  const pinnedRoot = JSON.parse(readFileSync(join(SHIPPED, 'trust-root/pinned-root.json'), 'utf8'));
  await updateTrust(
    state,
    pinnedRoot,
    readFileSync(join(SHIPPED, 'trust-root/trust-root.jsonl'), 'utf8'),
    systemClock.now(),
  );
  const store = await openLayout(join(folder, 'store'));
  const plugins = new Plugins({
    store,
    state,
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
    await plugins.install(ACME, planned.plan, 'human:ada');
  }
  return {
    plugins,
    runner,
    store,
    folder,
    run: (id: string, input: Json, workspace: string | null): Promise<RunResult> =>
      plugins.run(ACME, { id, input, workspace }, new AbortController().signal),
    close: async () => {
      await runner.close();
      rmSync(folder, { recursive: true });
    },
  };
}
