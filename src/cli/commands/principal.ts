import { buildCommand, buildRouteMap } from '@stricli/core';
import { EVERYWHERE, type Role, ROLES } from '#domain/grant.ts';
import { tenantOrPlatform } from '#app/access/platform.ts';
import { disable, giveRoles, principalDocument, type PrincipalDocument, principalsIn } from '#app/access/roles.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type Io, table, tell } from '../io.ts';
import { me } from '../me.ts';

interface PlaceFlags extends CommonFlags {
  readonly tenant: string;
}

interface SetFlags extends PlaceFlags {
  readonly role?: readonly Role[];
}

const PLACE = {
  ...COMMON_FLAGS,
  tenant: {
    kind: 'parsed',
    parse: String,
    brief: 'Tenant in which the roles count; every tenant and the installation when left out',
    default: EVERYWHERE,
    placeholder: 'T',
  },
} as const;

const ID = {
  kind: 'tuple',
  parameters: [{ brief: 'human:NAME, service:NAME or agent:NAME', parse: String, placeholder: 'ID' }],
} as const;

function tellOne(io: Io, principal: PrincipalDocument): void {
  tell(io, jsonOf(principal), () => linesOf([principal]));
}

const jsonOf = (principal: PrincipalDocument) => ({
  ...principal,
  roles: principal.roles.map((role) => ({ ...role })),
});

function linesOf(principals: readonly PrincipalDocument[]): string {
  if (principals.length === 0) return 'No principals. Add one: maestro principal set --help';
  const rows = principals.map(({ id, roles, delegatedBy, disabledAt }) => [
    id,
    roles.map(({ role, tenant }) => `${role} in ${tenant}`).join(', ') || 'no role',
    delegatedBy === null ? '' : `for ${delegatedBy}`,
    disabledAt === null ? '' : 'disabled',
  ]);
  return table([['PRINCIPAL', 'ROLES', '', ''], ...rows]);
}

const set = buildCommand<SetFlags, [id: string], Shell>({
  docs: docs(
    'Give a principal exactly these roles in one place; none takes them all away',
    'maestro principal set service:ci --tenant atlas --role operator',
    'An agent:NAME acts on behalf of whoever gives it its first role, and never has more than that.',
  ),
  parameters: {
    flags: {
      ...PLACE,
      role: { kind: 'enum', values: ROLES, brief: 'Role; may be repeated', variadic: true, optional: true },
    },
    positional: ID,
  },
  func: command(async ({ io }: Call, flags: SetFlags, id: string) => {
    await using house = await openHouse(flags);
    const tenant = await tenantOrPlatform(house, flags.tenant);
    const record = await giveRoles(house, tenant, { id, roles: flags.role ?? [], by: me(house) });
    tellOne(io, principalDocument(record, EVERYWHERE));
    return EXIT.done;
  }),
});

const list = buildCommand<PlaceFlags, [], Shell>({
  docs: docs('List who has a role', 'maestro principal list --tenant atlas'),
  parameters: { flags: PLACE },
  func: command(async ({ io }: Call, flags: PlaceFlags) => {
    await using house = await openHouse(flags);
    const tenant = await tenantOrPlatform(house, flags.tenant);
    const documents = (await principalsIn(house, tenant)).map((record) => principalDocument(record, tenant.id));
    tell(io, documents.map(jsonOf), () => linesOf(documents));
    return EXIT.done;
  }),
});

function shut(disabled: boolean) {
  const name = disabled ? 'disable' : 'enable';
  return buildCommand<CommonFlags, [id: string], Shell>({
    docs: docs(
      disabled ? 'Shut a principal out: its keys and sessions give nothing any more' : 'Let a principal in again',
      `maestro principal ${name} service:ci`,
    ),
    parameters: { flags: COMMON_FLAGS, positional: ID },
    func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
      await using house = await openHouse(flags);
      tellOne(io, principalDocument(await disable(house, { id, disabled, by: me(house) }), EVERYWHERE));
      return EXIT.done;
    }),
  });
}

export const principalRoutes = buildRouteMap({
  docs: { brief: 'People, services and agents, and their roles' },
  routes: { set, list, disable: shut(true), enable: shut(false) },
});
