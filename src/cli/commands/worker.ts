import { buildCommand, buildRouteMap } from '@stricli/core';
import { formatDuration } from '#kernel/duration.ts';
import { millis } from '#kernel/clock.ts';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { fleet, pools, want } from '#app/qos/pools.ts';
import { untilAtRest } from '#app/main-job/main-job.ts';
import { openHouse } from '#app/open.ts';
import { Worker } from '#app/worker.ts';
import type { Wanted } from '#domain/worker.ts';
import { gatewayForRuns } from '#server/gateway/for-runs.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface RunFlags extends CommonFlags {
  readonly untilIdle: boolean;
  readonly label?: readonly string[];
}

const runCommand = buildCommand<RunFlags, [], Shell>({
  docs: docs(
    'Work on the queue, beside others, until stopped',
    'maestro worker run --label gpu=true',
    '`maestro worker` alone is the same. It takes tasks that need no labels, and first those that need some of its own.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      untilIdle: { kind: 'boolean', brief: 'End when nothing moves any more', default: false, withNegated: false },
      label: {
        kind: 'parsed',
        parse: String,
        brief: 'What this worker has',
        variadic: true,
        optional: true,
        placeholder: 'name=value',
      },
    },
  },
  func: command(async ({ io, signal }: Call, flags: RunFlags) => {
    const { label: workerLabels } = flags;
    await using house = await openHouse({ ...flags, ...(workerLabels === undefined ? {} : { workerLabels }) });
    await using _gateway = gatewayForRuns(house);
    const { owner: worker, labels } = house.worker;
    io.out(`${JSON.stringify({ ready: true, worker, labels, slots: house.workers, engines: house.engines })}\n`);
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const work = new Worker(house, house.workers).run(until).finally(() => stop.abort());
    if (flags.untilIdle) await untilAtRest(house.clock, () => allTasks(house), until).finally(() => stop.abort());
    await work;
    return EXIT.done;
  }),
});

const listCommand = buildCommand<CommonFlags, [], Shell>({
  docs: docs('List the workers: what they have, run, and shall do', 'maestro worker list'),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const workers = await fleet(house);
    tell(io, { workers }, () =>
      table([
        ['WORKER', 'STATE', 'RUNNING', 'LABELS', 'SEEN'],
        ...workers.map(({ id, state, running, slots, labels, seenMsAgo }) => [
          id,
          state,
          `${running} of ${slots}`,
          labels.join(', ') || '-',
          `${formatDuration(millis(seenMsAgo))} ago`,
        ]),
      ]),
    );
    return EXIT.done;
  }),
});

const poolsCommand = buildCommand<CommonFlags, [], Shell>({
  docs: docs(
    'Show demand and supply of each pool of workers, for autoscaling',
    'maestro worker pools --json',
    'load is (backlog + running) / slots: above 1 work waits; null when no worker serves the pool. The same stands on /metrics of `maestro up`.',
  ),
  parameters: { flags: COMMON_FLAGS },
  func: command(async ({ io }: Call, flags: CommonFlags) => {
    await using house = await openHouse(flags);
    const found = await pools(house);
    tell(io, { pools: found }, () =>
      table([
        ['POOL', 'BACKLOG', 'RUNNING', 'WORKERS', 'SLOTS', 'LOAD'],
        ...found.map(({ pool, backlog, running, workers, slots, load }) => [
          pool || '(any)',
          `${backlog}`,
          `${running}`,
          `${workers}`,
          `${slots}`,
          load === null ? 'no worker' : load.toFixed(2),
        ]),
      ]),
    );
    return EXIT.done;
  }),
});

function wantCommand(wanted: Wanted, brief: string, name: string) {
  return buildCommand<CommonFlags, [string], Shell>({
    docs: docs(brief, `maestro worker ${name} build-7:4211`),
    parameters: {
      flags: COMMON_FLAGS,
      positional: {
        kind: 'tuple',
        parameters: [{ parse: String, brief: 'Worker, or a part of its id that only it has', placeholder: 'ID' }],
      },
    },
    func: command(async ({ io }: Call, flags: CommonFlags, id: string) => {
      await using house = await openHouse(flags);
      const worker = await want(house, id, wanted, me(house));
      tell(io, { ...worker }, () => `${worker.id} is ${worker.state}; it hears of it within a second.`);
      return EXIT.done;
    }),
  });
}

export const workerRoutes = buildRouteMap({
  docs: { brief: 'Work on the queue, and conduct those who do' },
  defaultCommand: 'run',
  routes: {
    run: runCommand,
    list: listCommand,
    pools: poolsCommand,
    cordon: wantCommand('cordoned', 'Let a worker take nothing new until it is uncordoned', 'cordon'),
    uncordon: wantCommand('serving', 'Let a worker take tasks again', 'uncordon'),
    drain: wantCommand('draining', 'Let a worker finish what it runs, and end', 'drain'),
  },
});
