import { isDeepStrictEqual } from 'node:util';

/**
 * Paths at which a merged value is neither side's. Text can be cut right and mean another thing: indentation decides what a
 * key belongs to, and an alias what it stands for.
 */
export function strangeValues(merged: unknown, ours: unknown, theirs: unknown, path = ''): readonly string[] {
  if (isDeepStrictEqual(merged, ours) || isDeepStrictEqual(merged, theirs)) return [];
  if (Array.isArray(merged)) return strangeElements(merged, asArray(ours), asArray(theirs), path);
  if (!isObject(merged) || (!isObject(ours) && !isObject(theirs))) return [path === '' ? '/' : path];
  const [mine, yours] = [isObject(ours) ? ours : {}, isObject(theirs) ? theirs : {}];
  return Object.entries(merged).flatMap(([key, value]) =>
    strangeValues(value, mine[key], yours[key], `${path}/${key}`),
  );
}

/** Elements shift when others come before them, so each may be any of either side's. */
function strangeElements(
  merged: readonly unknown[],
  ours: readonly unknown[],
  theirs: readonly unknown[],
  path: string,
): readonly string[] {
  const whole = [...ours, ...theirs];
  return merged.flatMap((element, i) =>
    whole.some((one) => isDeepStrictEqual(one, element))
      ? []
      : strangeValues(element, ours[i], theirs[i], `${path}/${i}`),
  );
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
