import { isBuiltin } from 'node:module';
import type { Floor, Place } from './house.ts';

/** Why something may not be used at a place; the word before the colon names the kind. */
type Problem = string | undefined;

const CLOCK = 'clock: take a Clock from #kernel/clock.ts as argument';
const DICE = 'dice: take a Random or Ids from the kernel as argument';
const TIMER = 'timer: wait by Clock.sleep; only the kernel starts timers';
const ENV = 'env: only src/app/config/config.ts reads the environment; take a setting as argument';
const BACKDOOR = 'backdoor: this hides what is used from the checks';
const OUTSIDE = 'outside: files, processes and the network are reached through an adapter';

/** Node's modules that compute only. */
const PURE = [
  'assert',
  'buffer',
  'crypto',
  'events',
  'path',
  'path/posix',
  'stream',
  'stream/promises',
  'string_decoder',
];
const COMPUTING = new Set([...PURE, 'url', 'util', 'zlib']);
const RANDOM_OF_CRYPTO = /^(random|getRandomValues$|webcrypto$|default$|\*$)/;
const CLIENTS = /^(pg|pg-.*|ioredis|redis|bullmq|undici|ws|axios|node-fetch|better-sqlite3|@grpc\/.*|@octokit\/.*)$/;

/** Further modules that a floor needs for its own job. */
const OF_FLOOR: { readonly [floor in Floor]?: readonly string[] } = {
  kernel: ['perf_hooks', 'timers', 'timers/promises'],
  server: ['http'],
  cli: ['readline', 'readline/promises', 'tty'],
};

/** Single files that need more, each with its reason. */
const OF_FILE: { readonly [path: string]: readonly string[] } = {
  // Settings are read before anything is wired, so no adapter exists yet; `os` tells the number of cores.
  'src/app/config/config.ts': ['fs', 'os'],
};

/** May this module be imported here? `names` are the imported names, `*` for all of it. */
export function moduleProblem(place: Place, specifier: string, names: readonly string[]): Problem {
  if (specifier.startsWith('data:')) return BACKDOOR;
  if (!isBuiltin(specifier)) {
    const client = CLIENTS.test(packageOf(specifier));
    return client && place.floor !== 'adapter' ? `${OUTSIDE} (${specifier})` : undefined;
  }
  const name = specifier.replace(/^node:/, '');
  if (name === 'process' || name === 'module') return `${BACKDOOR} (${specifier})`;
  if (place.floor !== 'kernel') {
    if (name === 'perf_hooks') return CLOCK;
    if (name === 'timers' || name === 'timers/promises') return TIMER;
    if (name === 'crypto' && names.some((each) => RANDOM_OF_CRYPTO.test(each))) return DICE;
  }
  const extra = [...(OF_FLOOR[place.floor] ?? []), ...(OF_FILE[place.path] ?? [])];
  if (place.floor === 'adapter' || COMPUTING.has(name) || extra.includes(name)) return undefined;
  return `${OUTSIDE} (${specifier})`;
}

/** How a global is used: its member when that is written plainly (`Date.now`), and whether it is `new X(argument)` or `instanceof X`. */
export interface GlobalUse {
  readonly name: string;
  readonly member: string | undefined;
  readonly constructedWithArguments: boolean;
  readonly instanceOf: boolean;
}

const AWAY_FROM_ENGINE: readonly Floor[] = ['kernel', 'adapter', 'app', 'server', 'cli'];
const HIDDEN_OF_PROCESS = /^(getBuiltinModule|binding|_linkedBinding|dlopen|mainModule|loadEnvFile)$/;

/** May this global be used here, in this way? A use that is not a plain member may be an alias, so it counts as any member. */
export function globalProblem(place: Place, use: GlobalUse): Problem {
  const rule = GLOBALS[use.name];
  return rule?.(place, use);
}

type GlobalRule = (place: Place, use: GlobalUse) => Problem;

const outside: GlobalRule = (place) => (place.floor === 'adapter' ? undefined : OUTSIDE);
const backdoor: GlobalRule = () => BACKDOOR;
const timer: GlobalRule = (place) => (place.floor === 'kernel' ? undefined : TIMER);

const GLOBALS: { readonly [name: string]: GlobalRule | undefined } = {
  Date: (place, use) => {
    const fixed = use.constructedWithArguments || use.instanceOf || use.member === 'UTC' || use.member === 'parse';
    return fixed || place.floor === 'kernel' ? undefined : CLOCK;
  },
  performance: (place) => (place.floor === 'kernel' ? undefined : CLOCK),
  Temporal: (place, use) => (place.floor === 'kernel' || (use.member ?? 'Now') !== 'Now' ? undefined : CLOCK),
  Math: (place, use) => (place.floor === 'kernel' || (use.member ?? 'random') !== 'random' ? undefined : DICE),
  crypto: (place, use) => (place.floor === 'kernel' || use.member === 'subtle' ? undefined : DICE),
  setTimeout: timer,
  setInterval: timer,
  setImmediate: timer,
  AbortSignal: (place, use) =>
    AWAY_FROM_ENGINE.includes(place.floor) || use.instanceOf || (use.member ?? 'timeout') !== 'timeout'
      ? undefined
      : TIMER,
  fetch: outside,
  WebSocket: outside,
  EventSource: outside,
  XMLHttpRequest: outside,
  process: processProblem,
  globalThis: backdoor,
  global: backdoor,
  require: backdoor,
  module: backdoor,
  Function: (_, use) => (use.instanceOf ? undefined : BACKDOOR),
};

function processProblem(place: Place, { member }: GlobalUse): Problem {
  if (member === undefined || HIDDEN_OF_PROCESS.test(member)) return BACKDOOR;
  if (member === 'env') return place.path === 'src/app/config/config.ts' ? undefined : ENV;
  if (member === 'hrtime' || member === 'uptime') return place.floor === 'kernel' ? undefined : CLOCK;
  return AWAY_FROM_ENGINE.includes(place.floor) ? undefined : OUTSIDE;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
