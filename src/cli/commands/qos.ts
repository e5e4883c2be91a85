import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration, parseDuration } from '#kernel/duration.ts';
import { AppError } from '#app/fault.ts';
import { openHouse } from '#app/open.ts';
import { fleetSlots } from '#app/qos/slots.ts';
import { workloadSoFar } from '#app/qos/history.ts';
import { writePicture } from '#app/qos/picture.ts';
import { tenantsIn, whatIf, type WhatIfAnswer } from '#app/qos/what-if.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';

interface SimulateFlags extends CommonFlags {
  readonly load: number;
  readonly tenants?: readonly string[];
  readonly addTenant?: readonly string[];
  readonly slots?: number;
  readonly hours: number;
  readonly step: number;
  readonly seed: number;
  readonly preemption: boolean;
  readonly policy: boolean;
  readonly svg?: string;
}

const FLAGS = {
  ...COMMON_FLAGS,
  load: { kind: 'parsed', parse: Number, brief: 'Factor on every arrival rate', default: '1', placeholder: '2' },
  tenants: {
    kind: 'parsed',
    parse: String,
    brief: 'Instead of those of this installation: NAME[*N]:weight=W,per-hour=R,mean=5m,cv=1 or backlog=N',
    variadic: true,
    optional: true,
    placeholder: 'SPEC',
  },
  addTenant: {
    kind: 'parsed',
    parse: String,
    brief: 'One more, written alike',
    variadic: true,
    optional: true,
    placeholder: 'SPEC',
  },
  slots: {
    kind: 'parsed',
    parse: Number,
    brief: 'Worker slots; those of all workers if not given',
    optional: true,
    placeholder: 'N',
  },
  hours: { kind: 'parsed', parse: Number, brief: 'Simulated time', default: '24', placeholder: 'H' },
  step: {
    kind: 'parsed',
    parse: parseDuration,
    brief: 'Length of a step, at whose end work may give way',
    default: '20s',
    placeholder: '20s',
  },
  seed: { kind: 'parsed', parse: Number, brief: 'One seed gives one outcome', default: '1', placeholder: 'N' },
  preemption: { kind: 'boolean', brief: 'Work over its share gives way', default: true },
  policy: { kind: 'boolean', brief: 'Burning error budgets bring measures', default: true },
  svg: { kind: 'parsed', parse: String, brief: 'Write the picture here', optional: true, placeholder: 'FILE' },
} as const;

function linesOf(answer: WhatIfAnswer): string {
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  const rows = answer.tenants.map((row) => [
    row.tenant,
    String(row.weight),
    row.offered === null ? 'always' : row.offered.toFixed(2),
    String(row.jobs),
    formatDuration(row.p50Ms),
    formatDuration(row.p95Ms),
    formatDuration(row.p99Ms),
    percent(row.inTime),
    `${percent(row.shareGot)} of ${percent(row.shareDue)}`,
  ]);
  const head = ['TENANT', 'WEIGHT', 'SLOTS ASKED', 'TASKS', 'WAIT 50 %', '95 %', '99 %', 'IN TIME', 'SHARE GOT OF DUE'];
  const { slots, hours, load, seed, busy, preemptions, alerts } = answer;
  const what = `Simulated: ${slots} slots, ${hours} h, load x ${load}, seed ${seed}: ${percent(busy)} busy, ${preemptions} preemptions, ${alerts} alerts`;
  return `${what}\n\n${table([head, ...rows])}`;
}

const simulateCommand = buildCommand<SimulateFlags, [], Shell>({
  docs: docs(
    'Ask what would happen with more load or another tenant: the real scheduler in simulated time',
    'maestro qos simulate --load 2 --slots 8 --tenants web:weight=2,per-hour=30,mean=5m --add-tenant batch:backlog=20,mean=10m --hours 12',
    'Without --tenants it takes the tenants of this installation, with the load of their last seven days.',
  ),
  parameters: { flags: FLAGS },
  func: command(async ({ io }: Call, flags: SimulateFlags) => {
    await using house = await openHouse(flags);
    const named = flags.tenants?.flatMap(tenantsIn) ?? (await workloadSoFar(house, house.slo.periodMs));
    const tenants = [...named, ...(flags.addTenant ?? []).flatMap(tenantsIn)];
    if (tenants.length === 0) {
      throw new AppError(
        'SIMULATION_NO_HISTORY',
        'no tenant of this installation has finished a task in the last days',
      );
    }
    const { load, hours, seed, step, preemption, policy } = flags;
    const answer = whatIf({
      tenants,
      load,
      hours,
      seed,
      slots: flags.slots ?? (await fleetSlots(house)),
      stepMs: step,
      targetMs: house.tenantDefaults.startWithinMs,
      slo: house.tenantDefaults.slo,
      periodMs: house.slo.periodMs,
      quantumMs: house.slo.quantumMs,
      preempt: preemption,
      policy,
    });
    if (flags.svg !== undefined) await writePicture(flags.svg, answer);
    tell(io, answer, () => linesOf(answer));
    return EXIT.done;
  }),
});

export const qosRoutes = buildRouteMap({
  docs: { brief: 'What if: the scheduler in simulated time' },
  routes: { simulate: simulateCommand },
});
