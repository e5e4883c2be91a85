import { buildCommand, buildRouteMap } from '@stricli/core';
import { evidenceView, exportEvidence, verifyEvidence } from '#app/views/evidence-files.ts';
import { cardAsText } from '#evidence/index.ts';
import { openHouse } from '#app/open.ts';
import { getTask } from '#app/views/task-view.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';

const ID = { kind: 'tuple', parameters: [{ brief: 'Id of the task', parse: String, placeholder: 'ID' }] } as const;
const DIR = { kind: 'tuple', parameters: [{ brief: 'Exported folder', parse: String, placeholder: 'DIR' }] } as const;

interface ExportFlags extends CommonFlags {
  readonly out: string;
  readonly since?: string;
}

interface VerifyFlags extends CommonFlags {
  readonly key?: string;
  readonly checkpoint?: string;
}

const show = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Show what evidence there is of a task, and its Decision Card', 'maestro evidence show task_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const view = await evidenceView(house, await getTask(house, id));
    tell(io, view, () => {
      const rows = view.statements.map(({ name, predicateType, digest }) => [name, digest.slice(0, 16), predicateType]);
      return `${cardAsText(view.card)}\n${table([['STATEMENT', 'SHA-256', 'PREDICATE'], ...rows])}`;
    });
    return EXIT.done;
  }),
});

const exportCommand = buildCommand<ExportFlags, [id: string], Shell>({
  docs: docs(
    'Write the evidence of a task to a folder that anyone can verify',
    'maestro evidence export task_01 --out evidence',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      out: { kind: 'parsed', parse: String, brief: 'Folder to write; must not exist or be empty', placeholder: 'DIR' },
      since: {
        kind: 'parsed',
        parse: String,
        brief: 'File of an earlier checkpoint, which the folder then proves to be continued',
        optional: true,
        placeholder: 'FILE',
      },
    },
    positional: ID,
  },
  func: command(async ({ io }: Call, flags: ExportFlags, id: string) => {
    await using house = await openHouse(flags);
    const exported = await exportEvidence(house, await getTask(house, id), flags);
    tell(
      io,
      exported,
      () =>
        `${exported.files.length} files written to ${exported.dir}; check them: maestro evidence verify ${exported.dir}`,
    );
    return EXIT.done;
  }),
});

const verify = buildCommand<VerifyFlags, [dir: string], Shell>({
  docs: docs(
    'Verify an exported folder',
    'maestro evidence verify evidence',
    'The key is the one of this data directory unless --key names another; with --checkpoint also finds what was dropped from the log.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      key: {
        kind: 'parsed',
        parse: String,
        brief: 'PEM file of the pinned public key',
        optional: true,
        placeholder: 'FILE',
      },
      checkpoint: {
        kind: 'parsed',
        parse: String,
        brief: 'File of an earlier checkpoint',
        optional: true,
        placeholder: 'FILE',
      },
    },
    positional: DIR,
  },
  func: command(async ({ io }: Call, flags: VerifyFlags, dir: string) => {
    const result = await verifyEvidence(flags, dir);
    const failures = result.failures.map((failure) => ({ ...failure }));
    tell(io, { ok: result.ok, statements: result.statements, failures }, () =>
      result.ok
        ? `ok: ${result.statements} statements verify`
        : result.failures.map(({ code, statement, why }) => `${code} ${statement}: ${why}`).join('\n'),
    );
    return result.ok ? EXIT.done : EXIT.bad;
  }),
});

export const evidenceRoutes = buildRouteMap({
  docs: { brief: 'Signed evidence of every task' },
  routes: { show, export: exportCommand, verify },
});
