import { formatDuration } from '#kernel/duration.ts';
import type { Status, TaskStatus } from '#app/views/status.ts';
import { table } from './io.ts';

/** What came of it all: landed, refused and why, shares got against shares due, money, what to type next. */
export function summaryText(status: Status, took: number, dataDir: string): string {
  const landed = status.tasks.filter(({ state }) => state === 'landed');
  const others = status.tasks.filter(({ state }) => state !== 'landed');
  const first = landed[0] ?? status.tasks[0];
  const cost = status.tasks.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return [
    `\n${landed.length} of ${status.tasks.length} tasks landed in ${formatDuration(took)}, for $${cost.toFixed(4)}.`,
    others.length === 0 ? '' : `\nNot landed, and why:\n${table(others.map(refusal))}`,
    `\nShares of slot time while every tenant had work waiting:\n${table(status.tenants.map(share))}`,
    `\nEvidence of every task is signed and logged in ${dataDir}. Next:`,
    ...nextSteps(status, first, dataDir).map((line) => `  ${line}`),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function refusal(task: TaskStatus): readonly string[] {
  const [reason] = task.reasons;
  const why = reason === undefined ? '' : `${reason.code}: ${reason.msg}`;
  return [`  ${task.tenant}`, task.key, task.state, why];
}

function share(tenant: Status['tenants'][number]): readonly string[] {
  const percent = (part: number | null): string => (part === null ? 'unknown' : `${Math.round(part * 100)} %`);
  const money = `$${tenant.spentUsd.toFixed(4)} of $${tenant.capUsd.toFixed(2)} spent`;
  const due = `due ${percent(tenant.shareDue)}`;
  return [`  ${tenant.tenant}`, `weight ${tenant.weight}`, `got ${percent(tenant.shareGot)}`, due, money];
}

function nextSteps(status: Status, task: TaskStatus | undefined, dataDir: string): readonly string[] {
  if (task === undefined) return [`npx maestro submit --help`];
  const change = task.change === null ? [] : [`npx maestro change diff ${task.change}`];
  const [asked] = status.inbox;
  return [
    `npx maestro task show ${task.task}`,
    ...change,
    `npx maestro evidence export ${task.task} --out evidence && npx maestro evidence verify evidence`,
    ...(asked === undefined ? [] : [`npx maestro change show ${asked.change}   (waits for you)`]),
    `git clone ${dataDir}/repos/${task.repo}.git`,
  ];
}
