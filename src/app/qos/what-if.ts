import { formatDuration, parseDuration } from '#kernel/duration.ts';
import { seededRandom } from '#kernel/random.ts';
import { slotMs, weight } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import {
  FairQueue,
  fairSlots,
  type Plot,
  quantile,
  SimGovernor,
  type SimRun,
  type SimTenant,
  simulate,
} from '#qos/index.ts';
import { AppError } from '../fault.ts';

/** A question to the simulator. Times in milliseconds. */
export interface WhatIf {
  readonly tenants: readonly SimTenant[];
  /** Every arrival rate is multiplied by this. */
  readonly load: number;
  readonly slots: number;
  readonly hours: number;
  readonly seed: number;
  readonly stepMs: number;
  readonly targetMs: number;
  readonly slo: number;
  readonly periodMs: number;
  readonly quantumMs: number;
  readonly preempt: boolean;
  readonly policy: boolean;
}

type WhatIfTenant = {
  readonly tenant: string;
  readonly weight: number;
  /** Slots that its work would keep busy; null: more than there are. */
  readonly offered: number | null;
  readonly jobs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Part of its jobs that started within the target. */
  readonly inTime: number;
  readonly shareGot: number;
  readonly shareDue: number;
};

export type WhatIfAnswer = {
  readonly simulated: true;
  readonly slots: number;
  readonly hours: number;
  readonly seed: number;
  readonly load: number;
  readonly targetMs: number;
  readonly busy: number;
  readonly preemptions: number;
  readonly alerts: number;
  readonly tenants: readonly WhatIfTenant[];
};

/** Most simulated starts of one question: what takes longer is asked in smaller pieces. */
const MOST_JOBS = 500_000;
const HOUR = 3_600_000;

/** Runs the conductor's own queue, preemption and error-budget policy on the workload, in virtual time. */
export function whatIf(question: WhatIf): WhatIfAnswer {
  const { slots, hours, seed, stepMs, load } = question;
  const tenants = question.tenants.map((tenant) => loaded(tenant, load));
  check(question, tenants);
  const queue = new FairQueue({ estimate: slotMs(100) });
  const governor = new SimGovernor({ ...question, queue, tenants, everyMs: 1000 });
  const sim = { tenants, slots, scheduler: queue, random: seededRandom(seed), untilMs: hours * HOUR, stepMs, governor };
  const runs = simulate(sim);
  const demands = tenants.map(({ id, weight: w, ...one }) => {
    const jobs = one.arrivals.kind === 'backlog' ? slots : (one.arrivals.perHour * one.meanMs) / HOUR;
    return { tenant: id, weight: w, jobs };
  });
  const fair = fairSlots(demands, slots);
  return {
    simulated: true,
    slots,
    hours,
    seed,
    load,
    targetMs: question.targetMs,
    busy: served(runs, hours) / (slots * hours * HOUR),
    preemptions: governor.given.length,
    alerts: governor.alerts.length,
    tenants: tenants.map((tenant) => answerFor(tenant, runs, question, fair)),
  };
}

function loaded(tenant: SimTenant, load: number): SimTenant {
  const { arrivals } = tenant;
  if (arrivals.kind === 'backlog') return tenant;
  return { ...tenant, arrivals: { kind: 'poisson', perHour: arrivals.perHour * load } };
}

function check({ hours, slots, load }: WhatIf, tenants: readonly SimTenant[]): void {
  const wrong = (message: string): AppError => new AppError('SIMULATION_INVALID', message);
  if (tenants.length === 0) throw wrong('there is no tenant to simulate');
  if (!(load > 0 && load <= 1000)) throw wrong(`a load is a factor above 0, at most 1000: ${load}`);
  if (!(hours > 0 && hours <= 24 * 366)) throw wrong(`hours are a number above 0, at most a year: ${hours}`);
  if (!(Number.isInteger(slots) && slots > 0 && slots <= 100_000))
    throw wrong(`slots are a whole number from 1 to 100000: ${slots}`);
  const names = tenants.map(({ id }) => id);
  const twice = names.find((id, i) => names.indexOf(id) !== i);
  if (twice !== undefined) throw wrong(`tenant ${twice} is named twice`);
  const jobs = tenants.reduce((sum, { arrivals, meanMs }) => {
    return sum + hours * (arrivals.kind === 'poisson' ? arrivals.perHour : (slots * HOUR) / meanMs);
  }, 0);
  if (jobs > MOST_JOBS)
    throw wrong(`that would be ${Math.round(jobs)} tasks, at most ${MOST_JOBS} are simulated; ask for fewer hours`);
}

function served(runs: readonly SimRun[], hours: number): number {
  return runs.reduce((sum, { startedAt, endsAt }) => sum + Math.min(endsAt, hours * HOUR) - startedAt, 0);
}

function answerFor(
  tenant: SimTenant,
  runs: readonly SimRun[],
  { targetMs, slots, hours }: WhatIf,
  fair: ReadonlyMap<string, number>,
): WhatIfTenant {
  const own = runs.filter((run) => run.tenant === tenant.id);
  const waits = own.filter(({ preemptions }) => preemptions === 0).map((run) => run.startedAt - run.arrivedAt);
  const at = (q: number): number => (waits.length === 0 ? 0 : Math.round(quantile(waits, q)));
  const { arrivals, meanMs } = tenant;
  return {
    tenant: tenant.id,
    weight: tenant.weight / 100,
    offered: arrivals.kind === 'backlog' ? null : (arrivals.perHour * meanMs) / HOUR,
    jobs: waits.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    inTime: waits.length === 0 ? 1 : waits.filter((ms) => ms <= targetMs).length / waits.length,
    shareGot: served(own, hours) / (slots * hours * HOUR),
    shareDue: (fair.get(tenant.id) ?? 0) / slots,
  };
}

/** The answer as a picture. */
export function plotOf(answer: WhatIfAnswer): Plot {
  const { slots, hours, load, targetMs, tenants } = answer;
  const title = `Simulated: ${slots} slots, ${hours} h, load x ${load}, ${Math.round(answer.busy * 100)} % busy`;
  return { title, targetMs, rows: tenants };
}

/** Reads `web*3:weight=2,per-hour=30,mean=5m,cv=1` or `batch:backlog=50,mean=10m`: one tenant, or several alike. */
export function tenantsIn(spec: string): readonly SimTenant[] {
  const wrong = (why: string): AppError => new AppError('SIMULATION_INVALID', `"${spec}": ${why}`);
  const [, name = '', times = '1', rest = ''] = /^([a-z0-9][a-z0-9-]*)(?:\*(\d+))?(?::(.*))?$/.exec(spec) ?? [];
  if (name === '') throw wrong('a tenant is NAME:weight=W,per-hour=N,mean=DURATION, with NAME*3 for three alike');
  const fields = new Map(
    rest
      .split(',')
      .filter(Boolean)
      .map((part): [string, string] => {
        const [field = '', value = ''] = part.split('=', 2);
        return [field, value];
      }),
  );
  const known = ['weight', 'per-hour', 'backlog', 'mean', 'cv', 'priority'];
  const unknown = [...fields.keys()].find((field) => !known.includes(field));
  if (unknown !== undefined) throw wrong(`there is no "${unknown}"; there are ${known.join(', ')}`);
  const number = (field: string, otherwise: number, most: number): number => {
    const value = Number(fields.get(field) ?? otherwise);
    if (!(value > 0 && value <= most)) throw wrong(`${field} is a number above 0, at most ${most}`);
    return value;
  };
  const meanMs = lengthIn(fields.get('mean') ?? '5m', wrong);
  const cv = Number(fields.get('cv') ?? 1);
  if (!(cv >= 0 && cv <= 10)) throw wrong('cv is a number from 0 to 10');
  const priority = fields.get('priority') ?? 'lo';
  if (priority !== 'hi' && priority !== 'lo') throw wrong('priority is hi or lo');
  if (fields.has('backlog') === fields.has('per-hour')) throw wrong('give either per-hour or backlog');
  const arrivals: SimTenant['arrivals'] = fields.has('backlog')
    ? { kind: 'backlog', jobs: Math.ceil(number('backlog', 1, 100_000)) }
    : { kind: 'poisson', perHour: number('per-hour', 1, 1e6) };
  let w;
  try {
    w = weight(Number(fields.get('weight') ?? 1));
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : 'the weight makes no sense');
  }
  const count = Math.min(1000, Number(times));
  return Array.from({ length: count }, (_, i) => ({
    // The cast is true: it has the form of a tenant's id.
    id: (count === 1 ? name : `${name}-${i + 1}`) as TenantId,
    weight: w,
    meanMs,
    cv,
    priority,
    arrivals,
  }));
}

function lengthIn(written: string, wrong: (why: string) => AppError): number {
  try {
    return parseDuration(written);
  } catch {
    throw wrong(`mean is a length of time such as ${formatDuration(300_000).replace(' min', 'm')}`);
  }
}
