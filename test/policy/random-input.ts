import { ACTIONS } from '#domain/action.ts';
import type { PolicyInput } from '#domain/policy-decision.ts';
import type { Random } from '#kernel/random.ts';

const NAMES = ['one', 'two', 'One', '', 'é', 'e\u0301', '🚀', 'ſK', 'İ', 'a b', '"', '*'];
const GLOBS = ['src/**', '*.pem', '/infra', 'a/**/b', '{a,b*}/c?', '**', 'straße', 'sk*', '.github', 'x+(y)', 'A.B'];
const BAD_GLOBS = ['[a]', 'a**', '{a}', '', '/', '../a', 'a\n', 'a\\b', '{a,b/c}', '}{,'];
const PATHS = [
  'src/a.ts',
  'k/x.pem',
  'infra/p',
  'a/b',
  'a/x/y/b',
  'b1/cZ',
  'STRAẞE/x',
  'ſK1',
  '.GitHub/w',
  'x+(y)',
  'aXb',
];
const BAD_PATHS = ['/src/a', './a', 'a/../b', '', 'a//b', 'a/'];
const CLASSES = ['public', 'internal', 'confidential', 'restricted'];
const HOSTILE = [null, 5, true, 'text', [], {}, ['x', 5], { 0: 'x' }, -0, 1e300, [[]], '\u0000', '\u2028'];

const EVERYTHING = ['platform-admin', 'conductor'].map((role) => ({ role, tenant: '*' }));

/** An input that is plausible in most places and hostile in few, so that every rule speaks now and then. */
export function randomInput(random: Random): PolicyInput {
  const pick = <T>(from: readonly T[]): T | undefined => from[random.integer(from.length)];
  const chance = (one: number): boolean => random.integer(one) === 0;
  const some = <T>(from: readonly T[]): (T | undefined)[] =>
    Array.from({ length: random.integer(4) }, () => pick(from));
  const hostile = (value: unknown): unknown => (chance(60) ? pick(HOSTILE) : value);
  const object = (members: { [name: string]: () => unknown }, absent: number): { [name: string]: unknown } => {
    const result: { [name: string]: unknown } = {};
    for (const [name, value] of Object.entries(members)) if (!chance(absent)) result[name] = hostile(value());
    return result;
  };
  const name = (): unknown => pick(NAMES);
  const names = (): unknown => some(NAMES);
  const globs = (): unknown => (chance(12) ? some(BAD_GLOBS) : some(GLOBS));
  const ROLES = ['viewer', 'operator', 'approver', 'tenant-admin', 'platform-admin', 'conductor', 'constructor', ''];
  const grants = (): unknown =>
    chance(4) ? EVERYTHING : some(ROLES).map((role) => hostile({ role, tenant: pick(['acme', '*', 'umbra']) }));
  const attributes = object(
    {
      recipe: name,
      agent: name,
      model: name,
      plugin: name,
      for: () => pick(['human:ada', 'service:ci', 'human:bob']),
      roles: () => some(['viewer', 'operator', 'tenant-admin', 'platform-admin', 'conductor', 'root']),
      origin: () => pick(['https://example.org/x', '/srv/x', 'git@x:y', 'ssh://x', '']),
      author: () => pick(['human:ada', 'agent:x', 'human:bob']),
      licences: names,
      paths: () => (chance(12) ? some(BAD_PATHS) : some(PATHS)),
    },
    4,
  );
  const policy = object(
    {
      recipes: names,
      agents: names,
      models: names,
      plugins: names,
      licences: names,
      deniedPaths: globs,
      protectedPaths: globs,
      autonomy: () => pick(['observe', 'propose', 'auto']),
    },
    2,
  );
  const principal = object(
    {
      id: () => pick(['human:ada', 'agent:x']),
      kind: () => pick(['human', 'service', 'agent']),
      delegatedBy: name,
      grants: () => grants(),
    },
    30,
  );
  const resource = object({ region: () => pick(['eu', 'us', '*', '']), dataClass: () => pick(CLASSES) }, 3);
  const input = {
    action: {
      name: hostile(chance(20) ? pick(NAMES) : pick(ACTIONS)),
      principal,
      resource: { ...resource, kind: 'thing', id: 'x', tenant: chance(8) ? pick(NAMES) : 'acme', attributes },
    },
    tenant: {
      id: 'acme',
      regions: hostile(chance(5) ? ['*'] : some(['eu', 'us', '*e'])),
      dataClass: hostile(pick(CLASSES)),
      policy: hostile(policy),
    },
  };
  // The cast is what the test is about: engines are handed what no type has checked.
  return input as unknown as PolicyInput;
}
