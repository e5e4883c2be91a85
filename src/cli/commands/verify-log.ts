import { buildCommand } from '@stricli/core';
import { verifyAudit } from '#app/governance/audit.ts';
import { verifyLog } from '#app/views/evidence-files.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';

interface VerifyLogFlags extends CommonFlags {
  readonly checkpoint?: readonly string[];
}

export const verifyLogCommand = buildCommand<VerifyLogFlags, [], Shell>({
  docs: docs(
    'Compute the transparency log and the audit chain anew and find what was edited, moved or removed',
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
    const log = await verifyLog(house, flags.checkpoint ?? []);
    const audit = await verifyAudit(house);
    const ok = log.ok && audit.ok;
    const failures = log.failures.map((failure) => ({ ...failure }));
    const events = { ...audit, failures: audit.failures.map((failure) => ({ ...failure })) };
    tell(io, { ok, size: log.size, root: log.root, failures, audit: events }, () => {
      if (ok) {
        const open = audit.open === 0 ? '' : ` (${audit.open} more are not linked yet)`;
        return `ok: ${log.size} entries, root ${log.root}\nok: ${audit.events} events, chain ${audit.hash}${open}`;
      }
      return [
        ...log.failures.map(({ code, index, why }) => `${code} at ${index}: ${why}`),
        ...audit.failures.map(({ code, seq, why }) => `${code} at event ${seq}: ${why}`),
      ].join('\n');
    });
    return ok ? EXIT.done : EXIT.bad;
  }),
});
