import { buildCommand, buildRouteMap } from '@stricli/core';
import { millis } from '#kernel/clock.ts';
import { parseDuration } from '#kernel/duration.ts';
import { AUDIT_FORMATS, type AuditFormatName } from '#app/governance/audit-formats.ts';
import { type AuditRow, auditRows, type AuditSearch, policyChecked } from '#app/governance/audit.ts';
import { pruneAudit } from '#app/governance/prune.ts';
import { type House, openHouse } from '#app/open.ts';
import { EVENT_TYPES, type EventType } from '#domain/event.ts';
import type { TaskId, TenantId } from '#domain/ids.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface SearchFlags extends CommonFlags {
  readonly tenant?: string;
  readonly task?: string;
  readonly type?: EventType;
  readonly by?: string;
  readonly since?: string;
  readonly text?: string;
  readonly after?: number;
}

const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, brief, optional: true, placeholder }) as const;

const SEARCH_FLAGS = {
  ...COMMON_FLAGS,
  tenant: text('Only of this tenant', 'T'),
  task: text('Only of this task', 'ID'),
  type: { kind: 'enum', values: EVENT_TYPES, brief: 'Only events of this type', optional: true },
  by: text('Only what this principal did, such as human:ada', 'WHO'),
  since: text('How far back, such as 7d', 'D'),
  text: text('Only rows whose data contains this', 'TEXT'),
  after: {
    kind: 'parsed',
    parse: Number,
    brief: 'Only rows after this number: the last one of an earlier export',
    optional: true,
    placeholder: 'SEQ',
  },
} as const;

function searchOf(house: House, flags: SearchFlags): AuditSearch {
  const { tenant, task, type, by, since, text: contained, after } = flags;
  return {
    // The casts are true as questions: ids that nothing has find nothing.
    ...(tenant === undefined ? {} : { tenant: tenant as TenantId }),
    ...(task === undefined ? {} : { task: task as TaskId }),
    ...(type === undefined ? {} : { type }),
    ...(by === undefined ? {} : { by }),
    ...(since === undefined ? {} : { since: millis(house.clock.now() - parseDuration(since)) }),
    ...(contained === undefined ? {} : { text: contained }),
    ...(after === undefined ? {} : { after }),
  };
}

function summaryOf({ data, decision }: AuditRow): string {
  if (decision !== null)
    return `${JSON.stringify(decision['action'])} ${decision['allow'] === true ? 'allowed' : 'denied'}`;
  const line = JSON.stringify(data);
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

const search = buildCommand<SearchFlags & { limit: number }, [], Shell>({
  docs: docs(
    'Search the audit log: who did what, when, and what policy said',
    'maestro audit search --since 7d --type policy.decided --limit 20',
    'The newest rows that fit, oldest first.',
  ),
  parameters: {
    flags: {
      ...SEARCH_FLAGS,
      limit: { kind: 'parsed', parse: Number, brief: 'Rows at most', default: '100', placeholder: 'N' },
    },
  },
  func: command(async ({ io }: Call, flags: SearchFlags & { limit: number }) => {
    await using house = await openHouse(flags);
    const rows: AuditRow[] = [];
    for await (const row of auditRows(house, searchOf(house, flags))) {
      rows.push(row);
      if (rows.length > flags.limit) rows.shift();
    }
    if (io.json) for (const row of rows) io.out(`${JSON.stringify(row)}\n`);
    else if (rows.length === 0) io.out('Nothing fits.\n');
    else {
      const lines = rows.map((row) => [String(row.seq), row.time, row.tenant, row.type, row.by, summaryOf(row)]);
      io.out(`${table([['SEQ', 'TIME', 'TENANT', 'EVENT', 'BY', 'WHAT'], ...lines])}\n`);
    }
    return EXIT.done;
  }),
});

// The cast is true: these are the table's own keys.
const FORMAT_NAMES = Object.keys(AUDIT_FORMATS) as AuditFormatName[];

const exportCommand = buildCommand<SearchFlags & { format: AuditFormatName }, [], Shell>({
  docs: docs(
    'Write the audit log to standard output for other systems',
    'maestro audit export --format syslog --since 1d',
    'Formats: JSON lines, syslog (RFC 5424), CEF. Go on from the last number with --after.',
  ),
  parameters: {
    flags: {
      ...SEARCH_FLAGS,
      format: { kind: 'enum', values: FORMAT_NAMES, brief: 'Form of the lines', default: 'jsonl' },
    },
  },
  func: command(async ({ io, signal }: Call, flags: SearchFlags & { format: AuditFormatName }) => {
    await using house = await openHouse(flags);
    const line = AUDIT_FORMATS[flags.format];
    const [host = 'maestro'] = house.worker.owner.split(':');
    for await (const row of auditRows(house, searchOf(house, flags))) {
      signal.throwIfAborted();
      io.out(`${line(row, host)}\n`);
    }
    return EXIT.done;
  }),
});

const checked = buildCommand<CommonFlags & { tenant?: string }, [], Shell>({
  docs: docs(
    'Count the effects on record that an allowing decision of policy came before',
    'maestro audit checked',
    'Exit code 1 when there is one without. Computed from the events alone.',
  ),
  parameters: { flags: { ...COMMON_FLAGS, tenant: text('Only of this tenant', 'T') } },
  func: command(async ({ io }: Call, flags: CommonFlags & { tenant?: string }) => {
    await using house = await openHouse(flags);
    // The cast is true as a question: a tenant that does not exist has no events.
    const count = await policyChecked(house, flags.tenant as TenantId | undefined);
    const { effects, checked: good, unchecked } = count;
    tell(io, { ...count, unchecked: unchecked.map((each) => ({ ...each })) }, () =>
      [
        `${good} of ${effects} effects were decided before`,
        ...unchecked.map(({ seq, type }) => `event ${seq}: ${type} without a decision`),
      ].join('\n'),
    );
    return unchecked.length === 0 ? EXIT.done : EXIT.bad;
  }),
});

const prune = buildCommand<CommonFlags & { olderThan: number }, [], Shell>({
  docs: docs(
    'Drop old events and decisions from the audit log; what is gone is signed, and the rest verifies as before',
    'maestro audit prune --older-than 730d',
    'Export them first. Events from the first of a task that has not ended stay. The setting audit.keep does it by itself.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      olderThan: { kind: 'parsed', parse: parseDuration, brief: 'Age, such as 730d', placeholder: 'D' },
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { olderThan: number }) => {
    await using house = await openHouse(flags);
    const before = millis(Math.max(0, house.clock.now() - flags.olderThan));
    const pruned = await pruneAudit(house, before, me(house));
    const { to = 0, events = 0 } = pruned ?? {};
    tell(io, { pruned: pruned !== undefined, to, events }, () =>
      pruned === undefined ? 'Nothing is older.' : `All up to event ${to} are gone, ${events} in all`,
    );
    return EXIT.done;
  }),
});

export const auditRoutes = buildRouteMap({
  docs: { brief: 'Who did what: search and export; verify-log proves that nothing is missing' },
  routes: { search, export: exportCommand, checked, prune },
});
