import { buildCommand } from '@stricli/core';
import { verifyLog } from '#app/evidence-files.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';

interface VerifyLogFlags extends CommonFlags {
  readonly checkpoint?: readonly string[];
}

export const verifyLogCommand = buildCommand<VerifyLogFlags, [], Shell>({
  docs: docs(
    'Compute the transparency log anew and find what was edited, moved or removed',
    'maestro verify-log',
    'With --checkpoint it also proves that the log still begins like an earlier one that you kept.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      checkpoint: {
        kind: 'parsed',
        parse: String,
        brief: 'File of an earlier checkpoint',
        variadic: true,
        optional: true,
        placeholder: 'FILE',
      },
    },
  },
  func: command(async ({ io }: Call, flags: VerifyLogFlags) => {
    await using house = await openHouse(flags);
    const audit = await verifyLog(house, flags.checkpoint ?? []);
    const failures = audit.failures.map((failure) => ({ ...failure }));
    tell(io, { ok: audit.ok, size: audit.size, root: audit.root, failures }, () =>
      audit.ok
        ? `ok: ${audit.size} entries, root ${audit.root}`
        : failures.map(({ code, index, why }) => `${code} at ${index}: ${why}`).join('\n'),
    );
    return audit.ok ? EXIT.done : EXIT.bad;
  }),
});
