import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gatewayChat } from '#adapters/chat/index.ts';
import { SafeWorkspaceFiles } from '#adapters/files/index.ts';
import type { Chat } from '#agents/index.ts';
import { systemClock } from '#kernel/clock.ts';
import { seededRandom } from '#kernel/random.ts';
import { Place } from '../test/agents/place.ts';
import { json } from '../test/e2e/maestro.ts';
import { play, weekOf } from './gateway/native-week.ts';
import { type BenchResult, benchResult, target } from './result.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/storefront', import.meta.url));
const RUNS = 120;
const LANES = 4;

const AGAIN = 20;

interface Tally {
  readonly calls: number;
}

/** What the gateway said of one call, in tokens. */
interface Asked {
  readonly prompt: number;
  readonly cached: number;
}

/**
 * A week of native runs (120, the target of a fleet) through the gateway against the double, which matches prefixes by
 * code of its own. A prompt only ever grows within a run, so all of the prompt before could come from the cache: that is
 * the measure, told from outside of the double. Then some of the same runs once more, which need not be asked at all.
 */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const paths = (await new SafeWorkspaceFiles(EXAMPLE).list(1000)).filter((path) => path.endsWith('.ts'));
  const week = weekOf(seededRandom(seed), RUNS, paths);
  await using place = await Place.make(week);
  await place.must(['tenant', 'add', 'week', '--budget-usd', '1000']);
  const gateway = await place.start(['gateway', 'serve', '--port', '0']);
  const { token } = await json<{ token: string }>(place.data, ['gateway', 'key', 'add', '--tenant', 'week']);
  const access = { url: gateway.url, key: token };
  const chat = gatewayChat({ clock: systemClock });
  const tally = async (): Promise<Tally> => (await (await fetch(`${place.double}/double/invoice`)).json()) as Tally;

  const done: (readonly Asked[])[] = [];
  const doRuns = async (name: string, runs: typeof week): Promise<number> => {
    const queue = runs.map((each, i) => ({ each, folder: join(place.dir, name, String(i)) }));
    let changes = 0;
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        mkdirSync(next.folder, { recursive: true });
        cpSync(EXAMPLE, next.folder, { recursive: true });
        const asked: Asked[] = [];
        done.push(asked);
        const { kind } = await play(next.each, next.folder, noted(chat, asked), access);
        if (kind === 'change') changes += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return changes;
  };

  const changes = await doRuns('first', week);
  const calls = done.flat();
  const inRuns = done.flatMap((asked) => asked.slice(1).map((each, i) => ({ ...each, before: asked[i]?.prompt ?? 0 })));
  const first = await tally();
  await doRuns('second', week.slice(0, AGAIN));
  const repeated = done.slice(RUNS).flat().length;
  const asked = (await tally()).calls - first.calls;
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const cacheable = sum(inRuns.map(({ before }) => before));
  const served = sum(inRuns.map(({ before, cached }) => Math.min(before, cached)));
  const share = served / cacheable;
  return benchResult({
    bench: 'gateway-cache',
    seed,
    rows: [
      { what: 'prefix: prompts of the call before', calls: inRuns.length, cacheable, served, share: rounded(share) },
      {
        what: 'prefix: all prompt tokens of the week',
        calls: calls.length,
        cacheable: sum(calls.map(({ prompt }) => prompt)),
        served: sum(calls.map(({ cached }) => cached)),
        share: rounded(sum(calls.map(({ cached }) => cached)) / sum(calls.map(({ prompt }) => prompt))),
      },
      { what: 'exact answers: runs done once more', calls: repeated, asked, share: rounded(1 - asked / repeated) },
    ],
    targets: [
      target('cacheable prompt tokens served from cache', share, '>=', 0.93),
      target('runs that ended with a change', changes, '=', RUNS),
    ],
  });
}

function noted(chat: Chat, asked: Asked[]): Chat {
  return {
    ask: async (access, request, signal) => {
      const answer = await chat.ask(access, request, signal);
      if (answer.kind === 'answer') asked.push({ prompt: answer.usage.inputTokens, cached: answer.usage.cachedTokens });
      return answer;
    },
  };
}

function rounded(share: number): number {
  return Number(share.toFixed(4));
}
