import type { Limits, Permissions } from './ports.ts';

export const NOTHING: Permissions = { fs_read: [], fs_edit: [], regex: false, ast: false, log: false, kv: false };

export const DEFAULT_LIMITS: Limits = {
  fuel: 1_000_000_000,
  memory_bytes: 64 * 1024 * 1024,
  wall_ms: 10_000,
  host_calls: 100_000,
  read_bytes: 256 * 1024 * 1024,
  output_bytes: 8 * 1024 * 1024,
};

/** What a manifest may ask for at most. */
export const MOST_LIMITS: Limits = {
  fuel: 1_000_000_000_000,
  memory_bytes: 512 * 1024 * 1024,
  wall_ms: 300_000,
  host_calls: 10_000_000,
  read_bytes: 4 * 1024 * 1024 * 1024,
  output_bytes: 64 * 1024 * 1024,
};

/** One line for each single right, in a fixed order: what people read before they approve. */
export function rightsOf(permissions: Permissions): readonly string[] {
  return [
    ...permissions.fs_read.map((glob) => `fs_read ${glob}`),
    ...permissions.fs_edit.map((glob) => `fs_edit ${glob}`),
    ...(['regex', 'ast', 'log', 'kv'] as const).filter((name) => permissions[name]),
  ];
}

/** What a new version wants that was not granted, and what it no longer wants. A lost exclusion (`!glob`) counts as wanting more. */
export function permissionDiff(
  granted: Permissions,
  wanted: Permissions,
): { more: readonly string[]; less: readonly string[] } {
  const before = rightsOf(granted);
  const after = rightsOf(wanted);
  const takesAway = (right: string): boolean => right.includes(' !');
  const gone = before.filter((right) => !after.includes(right));
  const fresh = after.filter((right) => !before.includes(right));
  return {
    more: [...fresh.filter((right) => !takesAway(right)), ...gone.filter(takesAway).map((right) => `without ${right}`)],
    less: [...gone.filter((right) => !takesAway(right)), ...fresh.filter(takesAway)],
  };
}
