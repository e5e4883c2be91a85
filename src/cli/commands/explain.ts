import { buildCommand } from '@stricli/core';
import { nearest } from '#kernel/nearest.ts';
import { ERROR_TABLES, errorEntry } from '#app/errors.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { tell } from '../io.ts';

export const explainCommand = buildCommand<CommonFlags, [code: string], Shell>({
  docs: docs('Explain an error code: what to do about it', 'maestro explain NO_SUCH_TENANT'),
  parameters: {
    flags: COMMON_FLAGS,
    positional: { kind: 'tuple', parameters: [{ brief: 'The code', parse: String, placeholder: 'CODE' }] },
  },
  func: command(({ io }: Call, _flags: CommonFlags, code: string) => {
    const entry = errorEntry(code);
    if (entry === undefined) {
      const codes = Object.values(ERROR_TABLES).flatMap((rows) => Object.keys(rows));
      const meant = nearest(code, codes);
      io.err(`no error has the code ${code}${meant === undefined ? '' : `; did you mean ${meant}?`}\n`);
      return Promise.resolve(EXIT.usage);
    }
    tell(
      io,
      { code, cure: entry.cure, exit: entry.exit },
      () => `${code}\n  cure: ${entry.cure}\n  exit: ${entry.exit}`,
    );
    return Promise.resolve(EXIT.done);
  }),
});
