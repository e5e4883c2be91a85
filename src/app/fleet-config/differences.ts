import { canonicalJson } from '#kernel/canonical-json.ts';
import type { Json } from '#kernel/json.ts';
import type { Tenant } from '#domain/tenant.ts';

/** One field that is to change. */
export type FieldChange = {
  /** Such as `weight` or `policy.recipes`. */
  readonly field: string;
  /** Null: not set. */
  readonly from: Json;
  readonly to: Json;
};

/** A tenant's fields by name, those of its rules as `policy.<name>`; an absent field is not set. */
export function fieldsOf(settings: Omit<Tenant, 'ordinal'>): ReadonlyMap<string, Json> {
  const { id: _id, policy, ...rest } = settings;
  const rules = Object.entries(policy).map(([name, value]) => [`policy.${name}`, value] as const);
  return new Map<string, Json>([...Object.entries(rest).filter(([name]) => name !== 'ordinal'), ...rules]);
}

/** The fields whose values differ, in the order of their names. */
export function differencesOf(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): FieldChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((field) => {
    const from = before.get(field) ?? null;
    const to = after.get(field) ?? null;
    return canonicalJson(from) === canonicalJson(to) ? [] : [{ field, from, to }];
  });
}
