import { type Application, type CommandContext, generateHelpTextForAllCommands } from '@stricli/core';
import type { Exit } from './exit.ts';

/** What the exit codes of every command mean. */
export const EXIT_MEANINGS: { readonly [code in Exit]: string } = Object.freeze({
  0: 'done',
  1: 'the work ended badly: a check failed, a conflict is left, a gate said no',
  2: 'wrong usage',
  3: 'denied or deferred by policy or budget; the reasons are printed',
  4: 'an engine is missing or unreachable',
  70: 'a fault of Maestro itself',
});

/** One command for the reference page. */
export interface CommandDoc {
  /** `tenant add`. */
  readonly path: string;
  /** What `-h` prints. */
  readonly help: string;
  /** The command line that the help gives as an example; a test runs it. */
  readonly example: string;
}

/** Documents every command from its own help; throws for one whose help has no line `Example: maestro ...`. */
export function commandDocs<Context extends CommandContext>(application: Application<Context>): readonly CommandDoc[] {
  // The cast is true for making help: it runs no command, so it needs no context.
  const helpOnly = application as unknown as Application<CommandContext>;
  return generateHelpTextForAllCommands(helpOnly).map(([route, help]) => {
    const example = /^Example: (maestro .+)$/m.exec(help)?.[1];
    if (example === undefined) throw new Error(`the help of ${route} has no example`);
    return { path: route.replace(/^maestro /, ''), help, example };
  });
}
