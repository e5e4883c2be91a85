import { buildCommand } from '@stricli/core';
import { openHouse } from '#app/open.ts';
import { upServesAt } from '#app/upkeep/up-lock.ts';
import { principalId } from '#identity/index.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';
import { me } from '../me.ts';
import { signInLink } from '../sign-in-link.ts';

interface SignInFlags extends CommonFlags {
  readonly as?: string;
}

export const signInCommand = buildCommand<SignInFlags, [], Shell>({
  docs: docs(
    'Print a link that signs a browser in while `maestro up` runs; good once, for ten minutes',
    'maestro sign-in',
    'Without --as it signs in the administrator, whom access to the data directory makes.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      as: { kind: 'parsed', parse: String, brief: 'Principal with roles on record', optional: true, placeholder: 'ID' },
    },
  },
  func: command(async ({ io }: Call, flags: SignInFlags) => {
    await using house = await openHouse(flags);
    const { id, grants } = me(house);
    const who =
      flags.as === undefined ? { principal: id, grants } : { principal: principalId(flags.as).id, grants: [] };
    const serving = await upServesAt(house);
    if (serving === undefined)
      io.err('`maestro up` does not run on this data directory now: start it, then follow the link.\n');
    const { host, port } = house.http;
    const url = await signInLink(house, serving ?? `http://${host}:${port}`, who);
    tell(io, { principal: who.principal, url }, () => url);
    return EXIT.done;
  }),
});
