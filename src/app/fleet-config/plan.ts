import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Json } from '#kernel/json.ts';
import type { Repository } from '#domain/repository.ts';
import type { Tenant } from '#domain/tenant.ts';
import { differencesOf, type FieldChange, fieldsOf } from './differences.ts';
import type { WantedRepository, WantedTenant } from './file.ts';

/** What is there now of one tenant, and what was applied to it last. */
export interface LiveTenant {
  readonly tenant: Tenant;
  readonly repositories: readonly Repository[];
  /** Its fields as the last `apply` left them; undefined when none did. */
  readonly applied?: ReadonlyMap<string, Json>;
}

export type FleetStep =
  | { readonly kind: 'create tenant'; readonly target: string; readonly wanted: WantedTenant }
  | {
      readonly kind: 'change tenant';
      readonly target: string;
      readonly wanted: WantedTenant;
      readonly changes: readonly FieldChange[];
    }
  | {
      readonly kind: 'add repository';
      readonly target: string;
      readonly tenant: string;
      readonly repo: WantedRepository;
    };

export interface FleetPlan {
  readonly steps: readonly FleetStep[];
  /** Fields that were changed by hand since the last `apply`, as `atlas weight`, with the value then and now. */
  readonly drift: readonly (FieldChange & { readonly tenant: string })[];
  /** Tenants and repositories that the file does not name; they are left alone. */
  readonly unmanaged: readonly string[];
  /** What the file wants and no step can bring about, with the reason. */
  readonly conflicts: readonly string[];
}

/** A plan for programs. */
export type FleetPlanDocument = Omit<FleetPlan, 'steps'> & {
  readonly steps: readonly {
    readonly kind: FleetStep['kind'];
    readonly target: string;
    readonly changes: readonly FieldChange[];
  }[];
};

export function planDocument({ steps, ...rest }: FleetPlan): FleetPlanDocument {
  const listed = steps.map((step) => {
    const changes = step.kind === 'change tenant' ? step.changes : [];
    return { kind: step.kind, target: step.target, changes };
  });
  return { steps: listed, ...rest };
}

/** What has to be done so that the system is as the file wants it. Nothing is ever deleted. */
export function planFleet(wanted: readonly WantedTenant[], live: readonly LiveTenant[]): FleetPlan {
  const byId = new Map(live.map((each) => [String(each.tenant.id), each]));
  const named = new Set(wanted.map(({ settings }) => String(settings.id)));
  return {
    steps: wanted.flatMap((each) => stepsFor(each, byId.get(each.settings.id))),
    drift: live.flatMap(driftOf),
    unmanaged: live.flatMap((each) => unmanagedOf(each, wanted, named)),
    conflicts: wanted.flatMap((each) => conflictsOf(each, byId.get(each.settings.id))),
  };
}

function stepsFor(wanted: WantedTenant, live: LiveTenant | undefined): readonly FleetStep[] {
  const target = wanted.settings.id;
  const known = new Set(live?.repositories.map(({ name }) => name));
  const added = wanted.repositories
    .filter(({ name }) => !known.has(name))
    .map((repo) => ({ kind: 'add repository', target: `${target}/${repo.name}`, tenant: target, repo }) as const);
  if (live === undefined) return [{ kind: 'create tenant', target, wanted }, ...added];
  const changes = differencesOf(fieldsOf(live.tenant), fieldsOf(wanted.settings));
  return changes.length === 0 ? added : [{ kind: 'change tenant', target, wanted, changes }, ...added];
}

function driftOf({ tenant, applied }: LiveTenant): readonly (FieldChange & { readonly tenant: string })[] {
  if (applied === undefined) return [];
  return differencesOf(applied, fieldsOf(tenant)).map((change) => ({ tenant: tenant.id, ...change }));
}

function unmanagedOf(
  { tenant, repositories }: LiveTenant,
  wanted: readonly WantedTenant[],
  named: ReadonlySet<string>,
): readonly string[] {
  if (!named.has(tenant.id)) return [tenant.id];
  const mine = wanted.find(({ settings }) => settings.id === tenant.id)?.repositories ?? [];
  return repositories.filter(({ name }) => !mine.some((repo) => repo.name === name)).map(({ id }) => id);
}

function conflictsOf(wanted: WantedTenant, live: LiveTenant | undefined): readonly string[] {
  return wanted.repositories.flatMap((repo) => {
    const there = live?.repositories.find(({ name }) => name === repo.name);
    if (there === undefined) return [];
    const branch = repo.branch ?? there.defaultBranch;
    const command = canonicalJson([...(repo.testCommand ?? there.testCommand ?? [])]);
    const same =
      there.origin === repo.origin &&
      there.defaultBranch === branch &&
      canonicalJson([...(there.testCommand ?? [])]) === command;
    return same
      ? []
      : [`${there.id} was taken from ${there.origin}, branch ${there.defaultBranch}, with other settings`];
  });
}
