import type { SqlValue } from '#kernel/sql.ts';

/** Terms such as `seq >` or `tenant =`, each with the value it is compared with; undefined means: no such condition. */
export type Terms = { readonly [term: string]: SqlValue | undefined };

/** `tenant = $1 and seq > $2` for the terms that have a value, and the values in that order; `true` for none. */
export function conditions(terms: Terms): { readonly text: string; readonly values: SqlValue[] } {
  const given = Object.entries(terms).filter((term): term is [string, SqlValue] => term[1] !== undefined);
  const parts = given.map(([term], index) => `${term} $${index + 1}`);
  return { text: parts.join(' and ') || 'true', values: given.map(([, value]) => value) };
}
