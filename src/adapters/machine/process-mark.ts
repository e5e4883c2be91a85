import { readFileSync, readlinkSync } from 'node:fs';

/**
 * `<start of the machine>/<pid namespace>/<pid>/<start time>`: tells this process from every other, on other machines,
 * in other containers and later ones of the same number too. Empty where the system does not say (no /proc).
 */
export function processMark(): string {
  const place = placeOfThis();
  const start = startOf(process.pid);
  return place === '' || start === '' ? '' : `${place}/${process.pid}/${start}`;
}

/** True only when it is certain that the process has ended: it ran on this machine, where it can be seen, and is there no more. */
export function hasEnded(mark: string): boolean {
  const [boot = '', namespace = '', pid = '', start = ''] = mark.split('/');
  if (start === '' || !/^\d+$/.test(pid) || `${boot}/${namespace}` !== placeOfThis()) return false;
  return startOf(Number(pid)) !== start;
}

/** Where pids are known by the same numbers; empty when that cannot be told. */
function placeOfThis(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')}`;
  } catch {
    return '';
  }
}

/** Clock ticks from the start of the machine to that of the process; empty when there is none, or only its corpse. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces and brackets; the state is field 3, the start field 22 (proc(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
