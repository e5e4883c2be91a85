import type { ModelPlace } from '#agents/index.ts';
import type { Principal } from '#domain/action.ts';
import type { PrincipalId, TaskId } from '#domain/ids.ts';
import type { Reason } from '#domain/reason.ts';
import type { DataClass, Tenant } from '#domain/tenant.ts';
import { nanoUsd, toUsd } from '#kernel/money.ts';
import { agentOf } from '../governance/principals.ts';
import type { House } from '../house.ts';
import { decide, type Request } from '../perform.ts';
import { modelSubject } from './model-subject.ts';

/** A model of the gateway file as an agent of one tenant may use it. */
export type ModelFor = {
  readonly model: string;
  /** Where it is asked unless that place is out of order. */
  readonly provider: string;
  readonly region: string;
  readonly dataClass: DataClass;
  /** Dollars for a million tokens; null when nobody says, and then it is not called. */
  readonly inputUsd: number | null;
  readonly outputUsd: number | null;
  /** From 1, the cheapest; null when it is not on the ladder. */
  readonly rung: number | null;
  /** False when policy forbids it or it has no price. */
  readonly usable: boolean;
  readonly reasons: readonly Reason[];
};

/** Whose calls they would be. */
export interface Caller {
  readonly tenant: Tenant;
  readonly agent: Principal;
  readonly task?: TaskId;
}

/** What the gateway will ask policy about every call of the model. */
export function modelQuestion({ tenant, agent, task }: Caller, place: ModelPlace, model: string): Request {
  const resource = modelSubject(place, model);
  return { name: 'model.call', principal: agent, tenant, resource, ...(task === undefined ? {} : { task }) };
}

/** The models of the gateway file for an agent that acts on somebody's behalf. */
export async function modelsOf(house: House, tenant: Tenant, submittedBy: PrincipalId): Promise<readonly ModelFor[]> {
  const work = { kind: 'agent', name: 'native', prompt: '' } as const;
  return modelsFor(house, { tenant, agent: agentOf({ tenant: tenant.id, work, submittedBy }) });
}

/** Every model of the gateway file, in its order, and whether the caller may use it; none where there is no gateway. */
export async function modelsFor(house: House, caller: Caller): Promise<readonly ModelFor[]> {
  if (!house.hasGateway) return [];
  const table = await house.modelTable();
  const { ladder, models } = table.catalog;
  const rows: ModelFor[] = [];
  for (const model of models.keys()) {
    const place = table.place(model);
    if (place === undefined) continue;
    const rates = table.rates(model);
    const { allow, reasons } = await decide(house, modelQuestion(caller, place, model));
    const usd = (nanoPerMtok: number | undefined): number | null =>
      nanoPerMtok === undefined ? null : toUsd(nanoUsd(nanoPerMtok));
    rows.push({
      model,
      provider: place.provider.name,
      region: place.provider.region,
      dataClass: place.provider.dataClass,
      inputUsd: usd(rates?.input.nanoPerMtok),
      outputUsd: usd(rates?.output.nanoPerMtok),
      rung: ladder.includes(model) ? ladder.indexOf(model) + 1 : null,
      usable: allow && rates !== undefined,
      reasons: allow ? [] : reasons,
    });
  }
  return rows;
}
