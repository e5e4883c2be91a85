import { isPlainPath, pathGlobFault } from '#domain/path-glob.ts';
import type { Reason } from '#domain/reason.ts';
import { DATA_CLASSES } from '#domain/tenant.ts';

interface Row {
  readonly at: readonly string[];
  readonly kind: keyof typeof KINDS;
  readonly required: boolean;
}

const oneOf = (...words: readonly string[]): { name: string; fits: (value: unknown) => boolean } => ({
  name: `one of ${words.join(', ')}`,
  fits: (value) => words.some((word) => word === value),
});

const isText = (value: unknown): value is string => typeof value === 'string';

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KINDS = Object.freeze({
  text: { name: 'a text', fits: isText },
  texts: { name: 'a list of texts', fits: isTexts },
  object: { name: 'an object', fits: isObject },
  grants: {
    name: 'a list of roles with their tenants',
    fits: (value: unknown) =>
      Array.isArray(value) &&
      value.every((grant) => isObject(grant) && isText(valueAt(grant, ['role'])) && isText(valueAt(grant, ['tenant']))),
  },
  paths: {
    name: 'a list of plain paths from the top of the repository',
    fits: (value: unknown) => isTexts(value) && value.every(isPlainPath),
  },
  globs: {
    name: 'a list of path globs: *, ?, ** as a segment, {a,b}',
    fits: (value: unknown) => isTexts(value) && value.every((glob) => pathGlobFault(glob) === null),
  },
  principal: oneOf('human', 'service', 'agent'),
  dataClass: oneOf(...DATA_CLASSES),
  autonomy: oneOf('observe', 'propose', 'auto'),
});

const must = (path: string, kind: Row['kind']): Row => ({ at: path.split('.'), kind, required: true });
const may = (path: string, kind: Row['kind']): Row => ({ at: path.split('.'), kind, required: false });

/** Everything that a rule reads; `policies/maestro/shape.rego` holds the same table. */
const ROWS: readonly Row[] = [
  must('action.name', 'text'),
  must('action.principal.id', 'text'),
  must('action.principal.kind', 'principal'),
  may('action.principal.delegatedBy', 'text'),
  may('action.principal.grants', 'grants'),
  must('action.resource.kind', 'text'),
  must('action.resource.id', 'text'),
  must('action.resource.tenant', 'text'),
  may('action.resource.region', 'text'),
  may('action.resource.dataClass', 'dataClass'),
  must('action.resource.attributes', 'object'),
  may('action.resource.attributes.recipe', 'text'),
  may('action.resource.attributes.agent', 'text'),
  may('action.resource.attributes.model', 'text'),
  may('action.resource.attributes.plugin', 'text'),
  may('action.resource.attributes.author', 'text'),
  may('action.resource.attributes.for', 'text'),
  may('action.resource.attributes.origin', 'text'),
  may('action.resource.attributes.roles', 'texts'),
  may('action.resource.attributes.licences', 'texts'),
  may('action.resource.attributes.paths', 'paths'),
  must('tenant.id', 'text'),
  must('tenant.regions', 'texts'),
  must('tenant.dataClass', 'dataClass'),
  must('tenant.policy', 'object'),
  may('tenant.policy.recipes', 'texts'),
  may('tenant.policy.agents', 'texts'),
  may('tenant.policy.models', 'texts'),
  may('tenant.policy.plugins', 'texts'),
  may('tenant.policy.licences', 'texts'),
  may('tenant.policy.deniedPaths', 'globs'),
  may('tenant.policy.protectedPaths', 'globs'),
  may('tenant.policy.autonomy', 'autonomy'),
];

/** Why the input cannot be judged: the first thing in it that is not what the rules expect. Undefined: they can read it. */
export function inputFault(input: unknown): Reason | undefined {
  const wrong = ROWS.find(({ at, kind, required }) => {
    const value = valueAt(input, at);
    return value === undefined ? required : !KINDS[kind].fits(value);
  });
  if (wrong === undefined) return undefined;
  const field = wrong.at.join('.').replace(/^action\./, '');
  const { name } = KINDS[wrong.kind];
  return { code: 'INPUT_INVALID', msg: `${field} is not ${name}`, field, fix: `give ${field} as ${name}` };
}

function valueAt(input: unknown, at: readonly string[]): unknown {
  let value = input;
  for (const name of at) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}
