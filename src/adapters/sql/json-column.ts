import type { Json } from '#kernel/json.ts';

/** Text for a column that holds JSON. Readonly interfaces are JSON too, which their types cannot say. */
export function toJson(value: Json | object): string {
  return JSON.stringify(value);
}

/** Reads a column that holds JSON. */
export function fromJson<T>(text: string): T {
  // The cast is true as far as the column was written by `toJson` with a T.
  return JSON.parse(text) as T;
}
