import type { AuditRow } from './audit.ts';

/** One way of writing an audit row as a line for other systems. */
type AuditFormat = (row: AuditRow, host: string) => string;

/** Facility 13 (log audit) and severity 5 (notice), or 4 (warning) for a refusal: RFC 5424, section 6.2.1. */
const FACILITY = 13;

/** A value of structured data: RFC 5424, section 6.3.3 escapes these three. */
function quoted(value: string): string {
  return `"${value.replace(/["\\\]]/g, (sign) => `\\${sign}`)}"`;
}

function refused({ data, type }: AuditRow): boolean {
  return data['allow'] === false || type === 'task.denied';
}

/** A CEF extension value: the format escapes backslash, equals sign and line ends. */
function extension(value: string): string {
  return value.replace(/[\\=]/g, (sign) => `\\${sign}`).replace(/\r?\n/g, '\\n');
}

/** The formats in which the audit log is exported: JSON lines, syslog by RFC 5424, ArcSight's Common Event Format. */
export const AUDIT_FORMATS = Object.freeze({
  jsonl: (row) => JSON.stringify(row),
  syslog: (row, host) => {
    const { seq, time, tenant, type, by, task, run } = row;
    const facts = { seq: String(seq), tenant, by, task: task ?? '-', run: run ?? '-' };
    const data = Object.entries(facts).map(([name, value]) => `${name}=${quoted(value)}`);
    const priority = FACILITY * 8 + (refused(row) ? 4 : 5);
    const message = JSON.stringify(row.decision ?? row.data);
    return `<${priority}>1 ${time} ${host} maestro - ${type} [maestro@0 ${data.join(' ')}] ${message}`;
  },
  cef: (row, host) => {
    const { seq, time, tenant, type, by, task } = row;
    const severity = refused(row) ? 6 : 3;
    const head = ['CEF:0', 'Maestro', 'Conductor', '1', type, type, String(severity)].join('|');
    const facts = {
      externalId: String(seq),
      rt: time,
      dvchost: host,
      suser: by,
      cs1Label: 'tenant',
      cs1: tenant,
      cs2Label: 'task',
      cs2: task ?? '',
      msg: JSON.stringify(row.decision ?? row.data),
    };
    const pairs = Object.entries(facts).map(([name, value]) => `${name}=${extension(value)}`);
    return `${head}|${pairs.join(' ')}`;
  },
} satisfies { readonly [name: string]: AuditFormat });

export type AuditFormatName = keyof typeof AUDIT_FORMATS;
