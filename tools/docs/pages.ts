import { ERROR_TABLES } from '#app/errors.ts';
import type { Setting } from '#app/config/setting.ts';
import { environmentName, SETTINGS } from '#app/config/settings.ts';
import { EXIT_MEANINGS } from '#cli/command-doc.ts';
import { COMMAND_DOCS } from '#cli/docs.ts';
import { EVENT_MEANINGS } from '#domain/event.ts';
import { code, page, table } from './table.ts';

/** The generated reference pages: path from the root of the repository, and text. */
export function referencePages(): { readonly [path: string]: string } {
  return {
    'docs/reference/settings.md': settingsPage(),
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/events.md': eventsPage(),
    'docs/reference/commands.md': commandsPage(),
  };
}

function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, row]) => [
    code(name),
    row.text + ('secret' in row ? ' Secret: never printed.' : ''),
    `${row.kind.name}: ${row.kind.allowed}${row.kind.unit === '' ? '' : ` (${row.kind.unit})`}`,
    fallbackOf(row),
    code(row.example),
    code(environmentName(name)),
  ]);
  return page(
    'Settings',
    'src/app/config/settings/',
    'A flag wins over the environment, that over `config.yaml` in the data directory, that over `maestro.config.yaml` in the working directory, that over the default. Unknown names are errors. `maestro config show` prints every setting with its origin.',
    table(['setting', 'what it does', 'allowed', 'default', 'example', 'environment'], rows),
  );
}

function fallbackOf(row: Setting<unknown>): string {
  if (row.default === undefined) return 'not set';
  return row.default instanceof Function ? 'number of cores' : code(row.kind.show(row.default)).replace('``', 'empty');
}

function errorsPage(): string {
  const sections = Object.entries(ERROR_TABLES).map(([owner, entries]) => {
    const rows = Object.entries(entries).map(([name, { cure, exit }]) => [code(name), String(exit), cure]);
    return `## ${owner}\n\n${table(['code', 'exit', 'what to do'], rows)}`;
  });
  return page(
    'Errors',
    'src/app/errors.ts',
    'An error is printed as `{"error": {"code", "message", "cure", "details"}}` on standard error. The message says what happened to what.',
    ...sections,
  );
}

function eventsPage(): string {
  const rows = Object.entries(EVENT_MEANINGS).map(([type, meaning]) => [code(type), meaning]);
  return page(
    'Events',
    'src/domain/event.ts',
    'Events are the record: append-only, numbered, written before anyone is told. Pages, figures and evidence are built from events and the ledger only.',
    table(['event', 'what happened'], rows),
  );
}

function commandsPage(): string {
  const exits = Object.entries(EXIT_MEANINGS).map(([exit, meaning]) => [exit, meaning]);
  const commands = COMMAND_DOCS.map(({ path, help }) => `## ${path}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``);
  return page(
    'Commands',
    'src/cli/docs.ts',
    'Every command takes `--json`, `--data-dir`, `--no-color` and `-h`. Data goes to standard output, everything else to standard error.',
    table(['exit code', 'meaning'], exits),
    ...commands,
  );
}
