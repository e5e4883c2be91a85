import { commandLine } from './app.ts';
import { type CommandDoc, commandDocs } from './command-doc.ts';

/** Every command, in the order of the reference page. */
export const COMMAND_DOCS: readonly CommandDoc[] = Object.freeze(commandDocs(await commandLine('')));
