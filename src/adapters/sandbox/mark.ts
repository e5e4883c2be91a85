import { readFileSync, readlinkSync } from 'node:fs';
import type { Random } from '#kernel/random.ts';

export const MARK_NAME = 'SANDBOX_MARK';

/** Marks all processes of one run in their environment, so that they are found again: see `endTree` and `endOrphans`. */
export interface Mark {
  readonly name: string;
  /** `<pid namespace>.<pid>.<start time>.<random>`, the first three of the process that owns the run. */
  readonly value: string;
}

/** What tells one process from all others of this machine, also from a later one of the same number. */
export interface Owner {
  readonly namespace: string;
  readonly pid: number;
  /** Clock ticks since the machine started; empty where there is no /proc. */
  readonly startedAt: string;
}

export function newMark(random: Random): Mark {
  const { namespace, pid, startedAt } = thisProcess();
  const value = [namespace, pid, startedAt, Buffer.from(random.bytes(12)).toString('hex')].join('.');
  return { name: MARK_NAME, value };
}

/** The owner that a mark names; undefined for what is no mark. */
export function ownerOf(value: string): Owner | undefined {
  const [namespace = '', pid = '', startedAt = '', random] = value.split('.');
  if (random === undefined || !/^\d+$/.test(pid)) return undefined;
  return { namespace, pid: Number(pid), startedAt };
}

export function thisProcess(): Owner {
  return { namespace: namespaceOf('self'), pid: process.pid, startedAt: startOf(process.pid) };
}

/** Start time of a process of this pid namespace; empty when there is none. */
export function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces and brackets; field 22 is the 20th after its end (proc(5)).
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function namespaceOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`).replaceAll(/\D/g, '');
  } catch {
    return '';
  }
}
