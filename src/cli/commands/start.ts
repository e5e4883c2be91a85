import { buildCommand } from '@stricli/core';
import { allTasks } from '#app/tasks/all-tasks.ts';
import { shippedExamples } from '#app/main-job/examples.ts';
import { differences, prepareMainJob, untilAtRest } from '#app/main-job/main-job.ts';
import { type House, openHouse } from '#app/open.ts';
import { gatewayForRuns } from '#server/gateway/for-runs.ts';
import { ownRepository } from '#app/main-job/own-repository.ts';
import { statusOf } from '#app/views/status-view.ts';
import { Worker } from '#app/worker.ts';
import type { Task } from '#domain/task.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT, type Exit } from '../exit.ts';
import { table } from '../io.ts';
import { LiveTable } from '../live-table.ts';
import { me } from '../me.ts';
import { signInLink } from '../sign-in-link.ts';
import { summaryText } from '../summary.ts';
import { untilAborted } from '../until-aborted.ts';

interface StartFlags extends CommonFlags {
  readonly repo?: string;
  readonly exit: boolean;
}

const DRAW_EVERY_MS = 250;

export const startCommand = buildCommand<StartFlags, [], Shell>({
  docs: docs(
    'Do the main job on the examples, or on a repository of yours',
    'maestro start --exit',
    'Started again it goes on where it was. With --exit, or without a terminal, it ends by itself; else the status page stays up.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      repo: {
        kind: 'parsed',
        parse: String,
        brief: 'Your repository; its working tree is not touched',
        optional: true,
        placeholder: 'PATH',
      },
      exit: { kind: 'boolean', brief: 'End with the summary', default: false, withNegated: false },
    },
  },
  func: command(async ({ io, signal }: Call, flags: StartFlags) => {
    await using house = await openHouse(flags);
    await using _gateway = gatewayForRuns(house);
    const from = house.clock.now();
    const engines = Object.entries(house.engines).map(([name, what]) => [`  ${name}`, what]);
    io.err(`Maestro ${house.version}\n${table(engines)}\n\n`);
    const shipped = shippedExamples(house);
    const examples = flags.repo === undefined ? shipped : await ownRepository(house, shipped, flags.repo);
    const stays = io.live && !flags.exit;
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    const work = new Worker(house, house.workers).run(until);
    try {
      await prepareMainJob(house, examples, me(house));
      const rest = await watch({ io, signal }, house);
      const status = await statusOf(house);
      const wrong = rest ? differences(examples, await allTasks(house)) : [];
      if (io.json) io.out(`${JSON.stringify({ ok: rest && wrong.length === 0, wrong, ...status })}\n`);
      else io.out(`${summaryText(status, house.clock.now() - from, house.dataDir)}\n`);
      if (!rest) io.err('stopped; start again to go on\n');
      for (const line of wrong) io.err(`not as expected: ${line}\n`);
      if (rest && stays) await stayUp({ io, signal }, house);
      return exitOf(rest, wrong);
    } finally {
      stop.abort();
      await work;
    }
  }),
});

function exitOf(rest: boolean, wrong: readonly string[]): Exit {
  return rest && wrong.length === 0 ? EXIT.done : EXIT.bad;
}

async function watch({ io, signal }: Pick<Call, 'io' | 'signal'>, house: House): Promise<boolean> {
  const live = new LiveTable(io);
  const look = async (): Promise<readonly Task[]> => {
    live.show(await statusOf(house));
    return allTasks(house);
  };
  return untilAtRest(house.clock, look, signal, DRAW_EVERY_MS);
}

async function stayUp({ io, signal }: Pick<Call, 'io' | 'signal'>, house: House): Promise<void> {
  const { serve } = await import('#server/serve.ts'); // other commands start without the server
  await using server = await serve(house, { host: house.http.host, port: house.http.port });
  io.err(
    `The status page, for you alone: ${await signInLink(house, server.url)}\n(good once, for ten minutes; maestro sign-in prints another; Ctrl-C ends)\n`,
  );
  await untilAborted(signal);
}
