import { buildCommand, buildRouteMap } from '@stricli/core';
import { parseDuration } from '#kernel/duration.ts';
import { isoTime } from '#kernel/iso-time.ts';
import { millis } from '#kernel/clock.ts';
import { EVERYWHERE, type Role, ROLES } from '#domain/grant.ts';
import { createKey, type KeyDocument, keysIn, type MadeKey, revokeKey, rotateKey } from '#app/access/keys.ts';
import { tenantOrPlatform } from '#app/access/platform.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type Io, table, tell } from '../io.ts';
import { me } from '../me.ts';

interface PlaceFlags extends CommonFlags {
  readonly tenant: string;
}

interface CreateFlags extends PlaceFlags {
  readonly for: string;
  readonly role: readonly Role[];
  readonly label?: string;
  readonly lasts?: number;
}

const PLACE = {
  ...COMMON_FLAGS,
  tenant: {
    kind: 'parsed',
    parse: String,
    brief: 'Tenant that the key is for; every tenant and the installation when left out',
    default: EVERYWHERE,
    placeholder: 'T',
  },
} as const;

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the key', parse: String, placeholder: 'ID' }] } as const;

const time = (at: number | null): string => (at === null ? 'never' : isoTime(millis(at)));

function tellMade(io: Io, { key, text }: MadeKey): void {
  tell(io, { ...key, roles: [...key.roles], text }, () => `${text}\nThis is the only time that ${key.id} is shown.`);
}

function linesOf(keys: readonly KeyDocument[]): string {
  if (keys.length === 0) return 'No keys. Make one: maestro key create --help';
  const rows = keys.map((key) => [
    key.id,
    key.principal,
    `${key.roles.join(', ')} in ${key.tenant}`,
    key.state,
    `ends ${time(key.expiresAt)}`,
    `used ${time(key.lastUsedAt)}`,
    key.label,
  ]);
  return table([['KEY', 'ACTS AS', 'MAY', 'STATE', 'END', 'USE', 'LABEL'], ...rows]);
}

const create = buildCommand<CreateFlags, [], Shell>({
  docs: docs(
    'Make an API key that acts as a principal',
    'maestro key create --for service:ci --tenant atlas --role operator --lasts 90d',
    'The key is printed once. It never gives more than its principal holds at the moment of use.',
  ),
  parameters: {
    flags: {
      ...PLACE,
      for: { kind: 'parsed', parse: String, brief: 'Principal that the key acts as', placeholder: 'ID' },
      role: { kind: 'enum', values: ROLES, brief: 'Role that the key gives; may be repeated', variadic: true },
      label: { kind: 'parsed', parse: String, brief: 'What it is for', optional: true, placeholder: 'TEXT' },
      lasts: { kind: 'parsed', parse: parseDuration, brief: 'How long it is good', optional: true, placeholder: '90d' },
    },
  },
  func: command(async ({ io }: Call, flags: CreateFlags) => {
    await using house = await openHouse(flags);
    const { role, label, lasts } = flags;
    const more = { ...(label === undefined ? {} : { label }), ...(lasts === undefined ? {} : { lastsMs: lasts }) };
    const asked = { for: flags.for, roles: role, ...more, by: me(house) };
    tellMade(io, await createKey(house, await tenantOrPlatform(house, flags.tenant), asked));
    return EXIT.done;
  }),
});

const list = buildCommand<PlaceFlags, [], Shell>({
  docs: docs('List API keys, never their secrets', 'maestro key list --tenant atlas'),
  parameters: { flags: PLACE },
  func: command(async ({ io }: Call, flags: PlaceFlags) => {
    await using house = await openHouse(flags);
    const keys = await keysIn(house, await tenantOrPlatform(house, flags.tenant), me(house));
    tell(
      io,
      keys.map((key) => ({ ...key, roles: [...key.roles] })),
      () => linesOf(keys),
    );
    return EXIT.done;
  }),
});

const rotate = buildCommand<PlaceFlags & { overlap: number }, [id: string], Shell>({
  docs: docs('Make a key anew and end the old one', 'maestro key rotate key_01 --overlap 1h'),
  parameters: {
    flags: {
      ...PLACE,
      overlap: {
        kind: 'parsed',
        parse: parseDuration,
        brief: 'How long the old key goes on',
        default: '0s',
        placeholder: '1h',
      },
    },
    positional: ID,
  },
  func: command(async ({ io }: Call, flags: PlaceFlags & { overlap: number }, id: string) => {
    await using house = await openHouse(flags);
    const asked = { id, overlapMs: flags.overlap, by: me(house) };
    tellMade(io, await rotateKey(house, await tenantOrPlatform(house, flags.tenant), asked));
    return EXIT.done;
  }),
});

const revoke = buildCommand<PlaceFlags, [id: string], Shell>({
  docs: docs('End a key at once', 'maestro key revoke key_01'),
  parameters: { flags: PLACE, positional: ID },
  func: command(async ({ io }: Call, flags: PlaceFlags, id: string) => {
    await using house = await openHouse(flags);
    const key = await revokeKey(house, await tenantOrPlatform(house, flags.tenant), id, me(house));
    tell(io, { ...key, roles: [...key.roles] }, () => `key ${key.id}: ${key.state}`);
    return EXIT.done;
  }),
});

export const keyRoutes = buildRouteMap({
  docs: { brief: 'API keys: who may do what from outside' },
  routes: { create, list, rotate, revoke },
});
