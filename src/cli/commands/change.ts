import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration } from '#kernel/duration.ts';
import { type Change, CHANGE_STATES, type ChangeState } from '#domain/change.ts';
import { approve, comment, getChange, reject } from '#app/tenants/changes.ts';
import { changeDetails, changeDiff, changeDocument } from '#app/views/change-view.ts';
import { inbox } from '#app/views/inbox.ts';
import { placeLine } from '#app/views/landing-place.ts';
import { openHouse } from '#app/open.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { cardAsText } from '#evidence/index.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { reasonLines, table, tell } from '../io.ts';
import { me } from '../me.ts';
import { moreLine, PAGE_FLAGS } from '../paging.ts';

const ID_PARAMETER = { brief: 'Id of the change', parse: String, placeholder: 'ID' } as const;
const ID = { kind: 'tuple', parameters: [ID_PARAMETER] } as const;
const ID_AND_TEXT = {
  kind: 'tuple',
  parameters: [ID_PARAMETER, { brief: 'Text', parse: String, placeholder: 'TEXT', optional: true }],
} as const;

interface ListFlags extends CommonFlags {
  readonly tenant?: string;
  readonly state?: ChangeState;
  readonly limit: number;
  readonly before?: string;
  readonly inbox: boolean;
}

function linesOf(changes: readonly Change[], now: number): string {
  if (changes.length === 0) return 'No changes.';
  const rows = changes.map(({ id, tenant, repo, state, title, openedAt }) => [
    id,
    tenant,
    repo,
    state,
    formatDuration(now - openedAt),
    title,
  ]);
  return table([['CHANGE', 'TENANT', 'REPOSITORY', 'STATE', 'AGE', 'TITLE'], ...rows]);
}

const list = buildCommand<ListFlags, [], Shell>({
  docs: docs(
    'List changes, newest first; --inbox: what waits for a person, longest first',
    'maestro change list --inbox',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Only of this tenant', optional: true, placeholder: 'T' },
      state: { kind: 'enum', values: CHANGE_STATES, brief: 'Only in this state', optional: true },
      ...PAGE_FLAGS,
      inbox: {
        kind: 'boolean',
        brief: 'Only what waits for a person, with reasons',
        default: false,
        withNegated: false,
      },
    },
  },
  func: command(async ({ io }: Call, flags: ListFlags) => {
    await using house = await openHouse(flags);
    if (flags.inbox) {
      const items = await inbox(house);
      tell(io, [...items], () =>
        items.length === 0
          ? 'Nothing waits for a person.'
          : items
              .map(
                (item) =>
                  `${item.change}  ${item.tenant}  waits ${formatDuration(item.ageMs)}\n  ${item.title}\n${reasonLines(item.asks)}`,
              )
              .join('\n'),
      );
      return EXIT.done;
    }
    const { tenant, state, limit, before } = flags;
    const changes = await house.forge.list({
      limit,
      ...(state === undefined ? {} : { states: [state] }),
      ...(tenant === undefined ? {} : { tenant: (await getTenant(house, tenant)).id }),
      ...(before === undefined ? {} : { before: (await getChange(house, before)).id }),
    });
    tell(
      io,
      changes.map(changeDocument),
      () => linesOf(changes, house.clock.now()) + moreLine(changes, limit, 'change'),
    );
    return EXIT.done;
  }),
});

interface ShowFlags extends CommonFlags {
  readonly mergeReport?: string;
}

const show = buildCommand<ShowFlags, [id: string], Shell>({
  docs: docs('Show a change: state, checks, card, what it waits for and since when', 'maestro change show chg_01'),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      mergeReport: {
        kind: 'parsed',
        parse: String,
        brief: 'Also write a page with the conflicts it met: both sides, the merge, and how it was reached',
        optional: true,
        placeholder: 'HTML',
      },
    },
    positional: ID,
  },
  func: command(async ({ io }: Call, flags: ShowFlags, id: string) => {
    await using house = await openHouse(flags);
    const change = await getChange(house, id);
    if (flags.mergeReport !== undefined) {
      // The page brings the compiler of the merge, so other calls do not wait for it.
      const { writeMergePage } = await import('#app/views/merge-page.ts');
      await writeMergePage(house, change, flags.mergeReport);
    }
    const details = await changeDetails(house, change);
    tell(io, details, () =>
      [
        linesOf([change], house.clock.now()),
        change.body,
        table(details.checks.map(({ name, outcome, summary }) => [name, outcome, summary])),
        reasonLines(change.asks),
        details.line === null ? '' : `It ${placeLine(details.line)}.`,
        ...details.comments.map(({ author, body }) => `${author}:\n${cardAsText(body)}`),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
    );
    return EXIT.done;
  }),
});

const diff = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Print the difference that a change makes', 'maestro change diff chg_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const change = await getChange(house, id);
    const text = await changeDiff(house, change);
    tell(io, { change: change.id, base: change.base, head: change.head, diff: text }, () => text);
    return EXIT.done;
  }),
});

const approveCommand = buildCommand<CommonFlags, [id: string], Shell>({
  docs: docs('Approve a change that waits for a person; it is tested anew and lands', 'maestro change approve chg_01'),
  parameters: { flags: COMMON_FLAGS, positional: ID },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
    await using house = await openHouse(flags);
    const change = await getChange(house, id);
    const task = await approve(house, change, me(house));
    tell(
      io,
      { change: change.id, state: 'approved', task: task.id, taskState: task.state },
      () => `Change ${change.id} approved; task ${task.id}: ${task.state}`,
    );
    return task.state === 'queued' ? EXIT.done : EXIT.refused;
  }),
});

const rejectCommand = buildCommand<CommonFlags, [id: string, why?: string], Shell>({
  docs: docs('Reject a change that waits for a person', 'maestro change reject chg_01 "not now"'),
  parameters: { flags: COMMON_FLAGS, positional: ID_AND_TEXT },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string, why?: string) => {
    await using house = await openHouse(flags);
    const change = await getChange(house, id);
    const task = await reject(house, change, me(house), why ?? '');
    tell(
      io,
      { change: change.id, state: 'rejected', task: task.id, taskState: task.state },
      () => `Change ${id} rejected`,
    );
    return EXIT.done;
  }),
});

const commentCommand = buildCommand<CommonFlags, [id: string, text: string], Shell>({
  docs: docs('Comment on a change', 'maestro change comment chg_01 "looks right"'),
  parameters: {
    flags: COMMON_FLAGS,
    positional: { kind: 'tuple', parameters: [ID_PARAMETER, { brief: 'Text', parse: String, placeholder: 'TEXT' }] },
  },
  func: command(async ({ io }: Call, flags: CommonFlags, id: string, text: string) => {
    await using house = await openHouse(flags);
    const change = await getChange(house, id);
    await comment(house, change, me(house), text);
    tell(io, { change: change.id, commented: true }, () => `Commented on ${change.id}`);
    return EXIT.done;
  }),
});

export const changeRoutes = buildRouteMap({
  docs: { brief: 'The proposed changes, and what waits for a person' },
  routes: { list, show, diff, approve: approveCommand, reject: rejectCommand, comment: commentCommand },
});
