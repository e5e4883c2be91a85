import { PluginError } from './errors.ts';
import { admit } from './admit.ts';
import type { Manifest } from './manifest.ts';
import type { CallReport, PluginRunner } from './ports.ts';

/** Fuel that one function burned itself, without those it called. */
export interface ProfileRow {
  readonly name: string;
  readonly fuel: number;
  /** Of all fuel, between 0 and 1. */
  readonly share: number;
}

/** Runs a plugin once with a counter in each function; hungriest first. Throws MANIFEST_INVALID when it is not admitted. */
export async function profile(
  runner: PluginRunner,
  plugin: { readonly manifest: Manifest; readonly module: Uint8Array },
  input: Uint8Array,
  root: string | null,
): Promise<{ readonly report: CallReport; readonly rows: readonly ProfileRow[] }> {
  const { permissions, limits } = plugin.manifest;
  const admission = admit({ bytes: plugin.module, permissions, limits, profile: true });
  if (!admission.ok)
    throw new PluginError('MANIFEST_INVALID', admission.reasons.map(({ code, msg }) => `${code}: ${msg}`).join('; '));
  const call = { module: admission.module, input, root, permissions, limits, seed: 1, startMs: 0 };
  const report = await runner.call(call, new AbortController().signal);
  const counted = report.profile ?? [];
  const total = counted.reduce((sum, fuel) => sum + fuel, 0);
  const rows = counted
    .map((fuel, index) => ({
      name: admission.functionNames[index] ?? `function ${index}`,
      fuel,
      share: fuel / (total || 1),
    }))
    .filter(({ fuel }) => fuel > 0)
    .toSorted((a, b) => b.fuel - a.fuel);
  return { report, rows };
}
