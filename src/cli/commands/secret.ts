import { buildCommand, buildRouteMap } from '@stricli/core';
import { rotateMasterKey, sealSecret } from '#app/governance/secrets.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';
import { me } from '../me.ts';

async function textOf(stdin: NodeJS.ReadStream): Promise<string> {
  stdin.setEncoding('utf8'); // keeps letters whole that come in two pieces
  let read = '';
  for await (const piece of stdin) read += String(piece);
  return read;
}

const seal = buildCommand<CommonFlags, [], Shell>({
  docs: docs(
    'Encrypt a secret from standard input, for a setting or the key file of a provider',
    'maestro secret seal < provider-key.txt',
    'Only this installation can read the text that it prints; wherever a secret is asked for it may stand instead.',
  ),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io, stdin }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const sealed = sealSecret(house, (await textOf(stdin)).trim());
    tell(io, { sealed }, () => sealed);
    return EXIT.done;
  }),
});

interface RotateFlags extends CommonFlags {
  readonly oldKey?: string;
}

const rotate = buildCommand<RotateFlags, [], Shell>({
  docs: docs(
    'Change the master key; nothing is encrypted anew but the data keys of tenants',
    'maestro secret rotate',
    'A master key that is given from outside is changed there; --old-key then names a file with the one before it.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      oldKey: { kind: 'parsed', parse: String, brief: 'File of the key before', optional: true, placeholder: 'FILE' },
    },
  },
  func: command(async ({ io }: Call, flags: RotateFlags) => {
    await using house = await openHouse(flags);
    const dataKeys = await rotateMasterKey(house, me(house), flags.oldKey);
    tell(io, { dataKeys }, () => `${dataKeys} data keys are wrapped with the new master key`);
    return EXIT.done;
  }),
});

export const secretRoutes = buildRouteMap({
  docs: { brief: 'Secrets at rest: seal one, change the master key' },
  routes: { seal, rotate },
});
