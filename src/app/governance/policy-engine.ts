import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { opaServer } from '#adapters/opa-server/index.ts';
import { openOpaWasm, regoFiles, requireCurrent } from '#adapters/opa-wasm/index.ts';
import { builtinPolicy, outsideEngine, type PolicyEngine, PolicyError } from '#policy/index.ts';
import type { Settings } from '../config/settings.ts';

/** The engine that decides, and what it is for people: `opa-wasm c61606fdedd0 (shipped)`. */
export interface ChosenPolicy {
  readonly engine: PolicyEngine;
  readonly says: string;
}

type PolicySettings = Pick<Settings, 'dataDir' | 'engine.policy' | 'engine.opaUrl' | 'engine.opaTimeout'>;

/** The policies that come with Maestro: `maestro/` the rules, `build/` the same compiled, `vectors.json` their table of cases. */
export const SHIPPED_POLICIES = fileURLToPath(new URL('../../../policies/', import.meta.url));

/** A company's own rules, and below `build` the bundle that is compiled from them and the shipped ones. */
export function ownPolicies(dataDir: string): { readonly rules: string; readonly bundle: string } {
  return { rules: join(dataDir, 'policies'), bundle: join(dataDir, 'policies', 'build') };
}

/**
 * The engine that the settings name. Own rules that it would not heed are an error, never silence:
 * throws POLICY_RULES_UNHEEDED, POLICY_BUNDLE_STALE, POLICY_BUNDLE_ALTERED, POLICY_BUNDLE_UNREADABLE.
 */
export async function policyEngine(settings: PolicySettings): Promise<ChosenPolicy> {
  const url = settings['engine.opaUrl'];
  if (settings['engine.policy'] === 'opa-server' && url !== undefined) {
    const source = opaServer({ url, timeoutMs: settings['engine.opaTimeout'] });
    return { engine: outsideEngine(source), says: `opa-server ${new URL(url).origin}` };
  }
  const places = ownPolicies(settings.dataDir);
  const own = await regoFiles(places.rules);
  if (settings['engine.policy'] === 'opa-wasm') {
    if (own.size > 0) await requireCurrent(places.bundle, own);
    return bundled(own.size > 0 ? places.bundle : join(SHIPPED_POLICIES, 'build'), own.size > 0 ? 'own' : 'shipped');
  }
  if (own.size > 0) {
    const message = `${places.rules} holds ${own.size} Rego files, and the engine "builtin" reads none`;
    throw new PolicyError('POLICY_RULES_UNHEEDED', message, { rules: places.rules });
  }
  return { engine: builtinPolicy, says: 'builtin' };
}

/** The engine of one compiled bundle. */
export async function bundled(dir: string, whose: string): Promise<ChosenPolicy> {
  const source = await openOpaWasm(dir);
  return { engine: outsideEngine(source), says: `opa-wasm ${source.policyDigest.slice(0, 12)} (${whose})` };
}
