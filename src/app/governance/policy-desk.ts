import { join } from 'node:path';
import { buildBundle, regoFiles } from '#adapters/opa-wasm/index.ts';
import { readJsonFile } from '#adapters/files/index.ts';
import { findDecision, listTenants, type RecordedDecision } from '#adapters/sql/index.ts';
import type { DecisionId } from '#domain/ids.ts';
import type { PolicyDecision, PolicyInput } from '#domain/policy-decision.ts';
import { readVectors, runVectors, type VectorFailure } from '#policy/index.ts';
import type { Json } from '#kernel/json.ts';
import { platform } from '../access/platform.ts';
import { AppError } from '../fault.ts';
import type { House } from '../house.ts';
import { ownPolicies, policyEngine, SHIPPED_POLICIES } from './policy-engine.ts';
import type { Settings } from '../config/settings.ts';

/** What the engine says to an input from a file; nothing is recorded. */
export async function checkPolicy(settings: Settings, file: string): Promise<Omit<PolicyDecision, 'id'>> {
  const { engine } = await policyEngine(settings);
  // The cast is what the command is about: the engine says itself what is wrong with an input.
  return engine.decide((await readJsonFile(file)) as PolicyInput);
}

export type PolicyTest = {
  readonly engine: string;
  readonly cases: number;
  readonly failures: readonly VectorFailure[];
};

/** Puts cases to the engine: those of a file, or the shipped ones, behind whose codes own rules may add theirs. */
export async function testPolicy(settings: Settings, file?: string): Promise<PolicyTest> {
  const { engine, says } = await policyEngine(settings);
  const vectors = readVectors(await readJsonFile(file ?? join(SHIPPED_POLICIES, 'vectors.json')));
  const own = (await regoFiles(ownPolicies(settings.dataDir).rules)).size > 0;
  const additions = file === undefined && (own || settings['engine.policy'] === 'opa-server');
  return { engine: says, cases: vectors.length, failures: await runVectors(engine, vectors, additions) };
}

/** Compiles the shipped rules and those in `<data>/policies` into `<data>/policies/build`; gives the revision. */
export async function buildPolicy(
  dataDir: string,
  opa: string,
): Promise<{ readonly revision: string; readonly sources: readonly string[]; readonly out: string }> {
  const { rules: own, bundle: out } = ownPolicies(dataDir);
  const { revision, sources } = await buildBundle({ opa, rules: join(SHIPPED_POLICIES, 'maestro'), own, out });
  return { revision, sources: Object.keys(sources), out };
}

/** A decision on record, of whichever tenant. Throws DECISION_UNKNOWN. */
export async function getDecision(house: House, id: string): Promise<RecordedDecision> {
  const { truth } = house.store;
  for (const tenant of [platform(house), ...(await listTenants(truth))]) {
    // The cast is true as a question: an id that no decision has finds nothing.
    const decision = await findDecision(truth, tenant.id, id as DecisionId);
    if (decision !== undefined) return decision;
  }
  throw new AppError('DECISION_UNKNOWN', `there is no decision "${id}"`, { details: { id } });
}

export type DecisionDocument = Omit<PolicyDecision, 'engineDecision' | 'override'> & {
  readonly override: string | null;
  readonly at: number;
  readonly task: string | null;
  readonly action: string;
  readonly by: string;
  readonly delegatedBy: string | null;
  readonly resource: { readonly [name: string]: Json };
  readonly engineDecision: string | null;
};

/** A recorded decision for programs: absent facts are null. */
export function decisionDocument(decision: RecordedDecision): DecisionDocument {
  const { id, at, allow, reasons, obligations, engine, policyDigest } = decision;
  const { name, principal, resource } = decision.action;
  return {
    id,
    at,
    task: decision.task ?? null,
    action: name,
    by: principal.id,
    delegatedBy: principal.delegatedBy ?? null,
    resource: {
      kind: resource.kind,
      id: resource.id,
      tenant: resource.tenant,
      region: resource.region ?? null,
      dataClass: resource.dataClass ?? null,
      attributes: resource.attributes,
    },
    allow,
    reasons,
    obligations,
    engine,
    policyDigest,
    engineDecision: decision.engineDecision ?? null,
    override: decision.override ?? null,
  };
}
