import { PluginError } from './errors.ts';
import { admit } from './admit.ts';
import type { Manifest } from './manifest.ts';
import type { CallReport, PluginRunner } from './ports.ts';
import { readModule } from './wasm/module.ts';

/** Fuel that one function burned itself, without those it called. */
export interface ProfileRow {
  readonly name: string;
  readonly fuel: number;
  /** Of all fuel, between 0 and 1. */
  readonly share: number;
}

/** True when two modules differ at most in what is not run: names, and notes of their compilers. */
function sameCode(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [readModule(one).sections, readModule(other).sections];
  return a.size === b.size && [...a].every(([id, body]) => Buffer.from(body).equals(b.get(id) ?? new Uint8Array()));
}

/**
 * Runs a plugin once with a counter in each function; hungriest first. `named` is the same module with names of functions,
 * which is run instead where it has the same code. Throws MANIFEST_INVALID when it is not admitted.
 */
export async function profile(
  runner: PluginRunner,
  plugin: { readonly manifest: Manifest; readonly module: Uint8Array; readonly named?: Uint8Array | undefined },
  input: Uint8Array,
  root: string | null,
): Promise<{ readonly report: CallReport; readonly rows: readonly ProfileRow[] }> {
  const { permissions, limits } = plugin.manifest;
  const admitted = (bytes: Uint8Array) => {
    const admission = admit({ bytes, permissions, limits, profile: true });
    if (admission.ok) return admission;
    throw new PluginError('MANIFEST_INVALID', admission.reasons.map(({ code, msg }) => `${code}: ${msg}`).join('; '));
  };
  const plain = admitted(plugin.module);
  const { named } = plugin;
  const admission = named !== undefined && sameCode(plugin.module, named) ? admitted(named) : plain;
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
