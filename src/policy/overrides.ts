import type { Millis } from '#kernel/clock.ts';
import type { Action } from '#domain/action.ts';
import type { TaskId } from '#domain/ids.ts';
import type { Override, OverrideState } from '#domain/override.ts';
import { pathGlobs } from '#domain/path-glob.ts';
import type { Reason } from '#domain/reason.ts';

/**
 * Refusals that an override can lift. What is missing here holds always: an unknown action, another tenant, a fact that is
 * not said, who may approve, an engine that cannot answer.
 */
export const OVERRIDABLE: readonly string[] = Object.freeze([
  'REGION_NOT_ALLOWED',
  'DATA_CLASS_TOO_HIGH',
  'RECIPE_NOT_ALLOWED',
  'AGENT_NOT_ALLOWED',
  'MODEL_NOT_ALLOWED',
  'PLUGIN_NOT_ALLOWED',
  'LICENCE_NOT_ALLOWED',
  'PATH_DENIED',
  'AUTONOMY_OBSERVE',
]);

export function overrideState(override: Override, now: Millis): OverrideState {
  if (override.revokedAt !== undefined) return 'revoked';
  if (override.uses >= override.maxUses) return 'used_up';
  if (override.expiresAt <= now) return 'expired';
  return override.approvedAt === undefined ? 'requested' : 'active';
}

/** True when the override is active now and lifts every one of these refusals of this action; what is not said is not covered. */
export function covers(
  override: Override,
  refused: { readonly action: Action; readonly task?: TaskId; readonly reasons: readonly Reason[] },
  now: Millis,
): boolean {
  const { action, task, reasons } = refused;
  const { scope } = override;
  if (overrideState(override, now) !== 'active') return false;
  if (override.action !== action.name || override.tenant !== action.resource.tenant) return false;
  if (!reasons.every(({ code }) => override.codes.includes(code) && OVERRIDABLE.includes(code))) return false;
  if (scope.task !== undefined && scope.task !== task) return false;
  if (scope.repo !== undefined && scope.repo !== action.resource.attributes['repo']) return false;
  return scope.paths === undefined || pathsWithin(action, scope.paths);
}

function pathsWithin({ resource }: Action, globs: readonly string[]): boolean {
  const paths = resource.attributes['paths'];
  if (!Array.isArray(paths) || paths.length === 0) return false;
  const fits = pathGlobs(globs);
  return paths.every((path) => typeof path === 'string' && fits(path) !== undefined);
}
