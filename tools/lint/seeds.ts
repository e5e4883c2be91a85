/** A file that must fail, and the name of the failure: `rule` or `rule kind`. */
export interface Seed {
  readonly path: string;
  readonly code: string;
  readonly failure: string;
}

/** Every way of naming a module; `S` stands for the specifier. */
const FORMS = [
  `import { thing } from 'S';\nexport const used = thing;`,
  `import * as all from 'S';\nexport const used = all;`,
  `import 'S';`,
  `import type { Thing } from 'S';\nexport type Used = Thing;`,
  `import { type Thing } from 'S';\nexport type Used = Thing;`,
  `export { thing } from 'S';`,
  `export { thing as other } from 'S';`,
  `export type { Thing } from 'S';`,
  `export * from 'S';`,
  `export * as all from 'S';`,
  `export const used = await import('S');`,
  'export const used = await import(`S`);',
  `export type Used = import('S').Thing;`,
  `export type Used = typeof import('S');`,
  `export const used: unknown = require('S');`,
];

/** Wrong directions: folder of the importing file, imported file, kind of failure. */
const DIRECTIONS = [
  ['src/qos', 'src/policy/index.ts', 'room-to-room'],
  ['src/qos', 'src/policy/ports.ts', 'room-to-room'],
  ['src/qos', 'src/adapters/sql/thing.ts', 'upward'],
  ['src/qos', 'src/app/thing.ts', 'upward'],
  ['src/kernel', 'src/domain/thing.ts', 'upward'],
  ['src/domain', 'src/qos/index.ts', 'upward'],
  ['src/adapters/sql', 'src/adapters/git/thing.ts', 'adapter-to-adapter'],
  ['src/adapters/sql', 'src/adapters/files/index.ts', 'adapter-to-adapter'],
  ['src/adapters/sql', 'src/qos/index.ts', 'ports-only'],
  ['src/adapters/sql', 'src/app/thing.ts', 'upward'],
  ['src/app', 'src/qos/queue.ts', 'private'],
  ['src/app', 'src/cli/thing.ts', 'upward'],
  ['src/app', 'src/server/thing.ts', 'upward'],
  ['src/server', 'src/cli/thing.ts', 'upward'],
  ['src/server', 'src/adapters/sql/thing.ts', 'upward'],
  ['src/cli', 'src/adapters/sql/thing.ts', 'upward'],
  ['src/cli', 'src/qos/queue.ts', 'private'],
  ['src/qos', 'src/surprise/thing.ts', 'unknown-floor'],
] as const;

function importSeeds(): Seed[] {
  const seeds: Seed[] = [];
  for (const [folder, target, kind] of DIRECTIONS) {
    const up = '../'.repeat(folder.split('/').length - 1);
    const paths = [`#${target.slice('src/'.length)}`, `${up}${target.slice('src/'.length)}`, `./${up}../${target}`];
    for (const specifier of paths) {
      for (const form of FORMS) {
        const path = `${folder}/seed-${seeds.length}.ts`;
        seeds.push({ path, code: form.replace('S', specifier), failure: `floors ${kind}` });
      }
    }
  }
  return seeds;
}

/** Uses of the outside that only one floor may make: kind of failure, then code. */
const USES: readonly (readonly [string, string])[] = [
  ['clock', 'export const now = Date.now();'],
  ['clock', `export const now = Date['now']();`],
  ['clock', 'export const now = Date[`now`]();'],
  ['clock', 'export const { now } = Date;'],
  ['clock', 'export const at = new Date();'],
  ['clock', 'export const at = new Date(...([] as const));'],
  ['clock', 'export const at = Date();'],
  ['clock', 'const D = Date;\nexport const at = new D();'],
  ['clock', 'export const at = (Date as DateConstructor).now(); // true'],
  ['clock', 'export const at = performance.now();'],
  ['clock', `import { performance } from 'node:perf_hooks';\nexport const at = performance.now();`],
  ['clock', `import { performance as p } from 'perf_hooks';\nexport const at = p.now();`],
  ['clock', 'export const at = process.hrtime.bigint();'],
  ['clock', 'export const at = process.uptime();'],
  ['dice', 'export const die = Math.random();'],
  ['dice', `export const die = Math['random']();`],
  ['dice', 'export const { random } = Math;'],
  ['dice', 'export const dice = [Math];'],
  ['dice', 'export const id = crypto.randomUUID();'],
  ['dice', 'export const id = crypto.getRandomValues(new Uint8Array(1));'],
  ['dice', `import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();`],
  ['dice', `import { randomBytes as bytes } from 'crypto';\nexport const id = bytes(1);`],
  ['dice', `import * as all from 'node:crypto';\nexport const id = all.randomUUID();`],
  ['dice', `import all from 'node:crypto';\nexport const id = all.randomBytes(1);`],
  ['dice', `export { randomInt } from 'node:crypto';`],
  ['dice', `export const id = (await import('node:crypto')).randomUUID();`],
  ['timer', 'setTimeout(() => undefined, 1);'],
  ['timer', 'setInterval(() => undefined, 1);'],
  ['timer', 'setImmediate(() => undefined);'],
  ['timer', 'export const later = setTimeout;'],
  ['timer', `import { setTimeout as later } from 'node:timers';\nlater(() => undefined, 1);`],
  ['timer', `import { setTimeout as later } from 'node:timers/promises';\nawait later(1);`],
  ['timer', `import timers from 'timers';\ntimers.setInterval(() => undefined, 1);`],
  ['timer', 'export const deadline = AbortSignal.timeout(1);'],
  ['env', 'export const home = process.env.HOME;'],
  ['env', `export const home = process['env']['HOME'];`],
  ['env', 'export const home = process?.env.HOME;'],
  ['backdoor', 'export const { env } = process;'],
  ['backdoor', 'const p = process;\nexport const home = p.env.HOME;'],
  ['backdoor', `import { env } from 'node:process';\nexport const home = env.HOME;`],
  ['backdoor', `import process from 'node:process';\nexport const home = process.env.HOME;`],
  ['backdoor', `import { env } from 'process';\nexport const home = env.HOME;`],
  ['backdoor', 'export const home = globalThis.process.env.HOME;'],
  ['backdoor', `export const now: unknown = globalThis['Date'];`],
  ['backdoor', 'export const all = global;'],
  ['backdoor', `export const x: unknown = await import('data:text/javascript,export default Date.now()');`],
  ['backdoor', `export const fs: unknown = process.getBuiltinModule('node:fs');`],
  ['backdoor', `export const fs: unknown = process['getBuiltinModule']('node:fs');`],
  ['backdoor', `import { createRequire } from 'node:module';\nexport const r = createRequire(import.meta.url);`],
  ['backdoor', `import * as modules from 'module';\nexport const r = modules.createRequire(import.meta.url);`],
  ['backdoor', `export const fs: unknown = require('./fs');`],
  ['backdoor', `export const now: unknown = new Function('return Date.now()')();`],
  ['outside', `export const page = await fetch('http://127.0.0.1');`],
  ['outside', 'export const get = fetch;'],
  ['outside', `export const socket = new WebSocket('ws://127.0.0.1');`],
  ['outside', 'export const where = process.cwd();'],
];

/** Modules that only adapters may use. */
const MODULES = [
  'node:fs',
  'fs',
  'node:fs/promises',
  'node:child_process',
  'child_process',
  'node:net',
  'node:http',
  'node:https',
  'node:http2',
  'node:dgram',
  'node:tls',
  'node:dns',
  'node:sqlite',
  'node:worker_threads',
  'node:cluster',
  'node:os',
  'node:vm',
  'pg',
  'pg/lib/client.js',
  'ioredis',
];

/** Floors above the adapters, and what each may still not do. */
const UPSTAIRS: readonly (readonly [string, string, string])[] = [
  ['src/server', 'outside', `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;`],
  ['src/server', 'env', 'export const home = process.env.HOME;'],
  ['src/cli', 'outside', `import { spawn } from 'node:child_process';\nexport const run = spawn;`],
  ['src/cli', 'outside', `export const page = await fetch('http://127.0.0.1');`],
  ['src/cli', 'env', 'export const home = process.env.HOME;'],
  ['src/app', 'outside', `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;`],
  ['src/app', 'outside', `import { createServer } from 'node:http';\nexport const serve = createServer;`],
  ['src/app', 'outside', `import pg from 'pg';\nexport const Pool = pg.Pool;`],
  ['src/adapters/sql', 'env', 'export const home = process.env.HOME;'],
  ['src/adapters/sql', 'clock', 'export const now = Date.now();'],
  ['src/adapters/sql', 'dice', `import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();`],
  ['src/adapters/sql', 'timer', 'setTimeout(() => undefined, 1);'],
  ['src/kernel', 'outside', `import { readFileSync } from 'node:fs';\nexport const read = readFileSync;`],
  ['src/kernel', 'env', 'export const home = process.env.HOME;'],
];

function pureSeeds(): Seed[] {
  const inRoom = [
    ...USES,
    ...MODULES.flatMap((name) => FORMS.map((form) => ['outside', form.replace('S', name)] as const)),
  ].map(([kind, code]) => ['src/qos', kind, code] as const);
  return [...inRoom, ...UPSTAIRS].map(([folder, kind, code], n) => ({
    path: `${folder}/pure-${n}.ts`,
    code,
    failure: `pure ${kind}`,
  }));
}

const LONG = Array.from({ length: 401 }, (_, n) => `export const line${n} = 1;\n`).join('');

const HABITS: readonly Seed[] = [
  { path: 'src/surprise/thing.ts', code: 'export const thing = 1;', failure: 'floors unknown-floor' },
  { path: 'src/thing.ts', code: 'export const thing = 1;', failure: 'floors unknown-floor' },
  { path: 'src/adapters/thing.ts', code: 'export const thing = 1;', failure: 'floors unknown-floor' },
  {
    path: 'src/qos/computed.ts',
    code: 'export const load = (name: string) => import(name);',
    failure: 'floors computed-import',
  },
  { path: 'src/qos/form-own.ts', code: `export { queue } from '#qos/queue.ts';`, failure: 'floors form' },
  { path: 'src/qos/form-other.ts', code: `export { clock } from '../kernel/clock.ts';`, failure: 'floors form' },
  { path: 'src/qos/tool.ts', code: `export { tool } from '../../tools/tool.ts';`, failure: 'floors outside-src' },
  { path: 'src/qos/room.test.ts', code: `import '#policy/index.ts';`, failure: 'floors room-to-room' },
  { path: 'src/qos/up.test.ts', code: `import '#app/thing.ts';`, failure: 'floors upward' },
  { path: 'bench/inner.ts', code: `import '#qos/queue.ts';`, failure: 'floors private' },
  { path: 'tools/inner.ts', code: `import '../src/qos/queue.ts';`, failure: 'floors private' },
  { path: 'web/inner.ts', code: `import '#qos/queue.ts';`, failure: 'floors private' },
  { path: 'src/train/a.ts', code: `import { b } from './b.ts';\nexport const a = () => b;`, failure: 'no-cycle' },
  { path: 'src/merge/a.ts', code: `import type { B } from './b.ts';\nexport type A = B | 1;`, failure: 'no-cycle' },
  { path: 'src/qos/default.ts', code: 'export default 1;', failure: 'no-default-export' },
  { path: 'src/qos/default-as.ts', code: 'const one = 1;\nexport { one as default };', failure: 'no-default-export' },
  { path: 'src/qos/star.ts', code: `export * from './queue.ts';`, failure: 'export-by-name export-star' },
  { path: 'src/qos/star-as.ts', code: `export * as queue from './queue.ts';`, failure: 'export-by-name export-star' },
  { path: 'src/qos/any.ts', code: 'export const it = (x: any): unknown => x;', failure: 'no-explicit-any' },
  { path: 'src/qos/json.ts', code: `export const it = JSON.parse('1');`, failure: 'no-unsafe-assignment' },
  {
    path: 'src/qos/cast.ts',
    code: 'export const it = (x: unknown) => x as string;',
    failure: 'reasoned-cast unreasoned-cast',
  },
  {
    path: 'src/qos/angle.ts',
    code: 'export const it = (x: unknown) => <string>x;',
    failure: 'reasoned-cast unreasoned-cast',
  },
  {
    path: 'src/qos/bang.ts',
    code: 'export const it = (x?: string): string => x!;',
    failure: 'reasoned-cast unreasoned-cast',
  },
  { path: 'src/qos/ignore.ts', code: '// @ts-ignore: because\nexport const it = 1;', failure: 'ban-ts-comment' },
  {
    path: 'src/qos/state.ts',
    code: 'let count = 0;\nexport const next = () => ++count;',
    failure: 'no-module-state module-state',
  },
  {
    path: 'src/qos/cache.ts',
    code: 'export const cache = new Map<string, string>();',
    failure: 'no-module-state module-state',
  },
  {
    path: 'src/qos/mock.test.ts',
    code: `import { vi } from 'vitest';\nvi.mock('./queue.ts');`,
    failure: 'no-mocks mock',
  },
  {
    path: 'src/qos/floating.ts',
    code: 'export const it = (work: () => Promise<void>) => {\n  work();\n};',
    failure: 'no-floating-promises',
  },
  { path: 'src/qos/eval.ts', code: `export const it: unknown = eval('1');`, failure: 'no-eval' },
  { path: 'src/qos/console.ts', code: `console.log('here');`, failure: 'no-console' },
  { path: 'src/qos/long-file.ts', code: LONG, failure: 'max-lines' },
  {
    path: 'src/qos/long-function.ts',
    code: `export function it(x: number) {\n${'  x += 1;\n'.repeat(60)}  return x;\n}`,
    failure: 'max-lines-per-function',
  },
];

/** Everything that must fail. */
export const SEEDS: readonly Seed[] = [...importSeeds(), ...pureSeeds(), ...HABITS];

/** What the seeds import, and what is allowed: none of it may fail. */
export const CLEAN: { readonly [path: string]: string } = {
  'src/kernel/clock.ts': `import { setTimeout as delay } from 'node:timers/promises';\nexport const clock = () => Date.now();\nexport const wait = () => delay(1);`,
  'src/kernel/random.ts': `import { randomBytes } from 'node:crypto';\nexport const random = () => randomBytes(1);`,
  'src/domain/thing.ts': `import { clock } from '#kernel/clock.ts';\nexport interface Thing {\n  readonly at: number;\n}\nexport const thing = (): Thing => ({ at: clock() });`,
  'src/qos/queue.ts': `import { createHash } from 'node:crypto';\nimport type { Thing } from '#domain/thing.ts';\nimport type { Port } from './ports.ts';\nexport const queue = (port: Port, at: Date): Thing => port.of(createHash('sha256').digest('hex').length + Math.max(1, at.getTime() - Date.UTC(2026) + new Date(0).getTime()));`,
  'src/qos/ports.ts': `import type { Thing } from '#domain/thing.ts';\nexport interface Port {\n  of(at: number): Thing;\n}`,
  'src/qos/index.ts': `export { queue } from './queue.ts';\nexport type { Port } from './ports.ts';`,
  'src/qos/cast.test.ts': `import { it } from 'vitest';\nimport { sql } from '#adapters/sql/thing.ts';\nimport { support } from '../../test/support/thing.ts';\nimport { queue } from './queue.ts';\nit('works', () => {\n  const now = Date.now() as unknown;\n  sql(String(now));\n  return [support, queue, process.env.HOME].length === 4 ? Promise.reject(new Error()) : undefined;\n});`,
  'src/policy/ports.ts': `export const port = 1;`,
  'src/policy/index.ts': `export { port } from './ports.ts';`,
  'src/adapters/sql/thing.ts': `import { readFileSync } from 'node:fs';\nimport type { Port } from '#qos/ports.ts';\nexport const sql = (path: string): Port => ({ of: (at) => ({ at: at + readFileSync(path).length }) });\nexport const soon = () => AbortSignal.timeout(process.pid);`,
  'src/adapters/git/thing.ts': `export const git = async (): Promise<Response> => await fetch('http://127.0.0.1');`,
  'src/app/config/config.ts': `import { readFileSync } from 'node:fs';\nexport const config = () => [process.env.HOME, readFileSync('x')];`,
  'src/app/thing.ts': `import { queue } from '#qos/index.ts';\nimport { sql } from '#adapters/sql/thing.ts';\nimport { git } from '#adapters/git/thing.ts';\nexport const app = [queue, sql, git];`,
  'src/server/thing.ts': `import { createServer } from 'node:http';\nimport { app } from '#app/thing.ts';\nexport const server = [createServer, app];`,
  'src/cli/thing.ts': `import { server } from '#server/thing.ts';\nimport { app } from '#app/thing.ts';\nexport const cli = () => console.log(server, app, process.argv);`,
  'src/train/ok.ts': `// The cast is true: said here.\nexport const one = JSON.parse('1') as number;\nexport const two = [1, 2] as const;\nexport const three = (list: number[], i: number) => list[i]!;`,
  'test/support/thing.ts': `import { queue } from '#qos/queue.ts';\nexport const support = [queue, Date.now(), Math.random()];`,
  'bench/thing.ts': `import { queue } from '#qos/index.ts';\nexport const bench = [queue, performance.now(), process.env.HOME];`,
  'tools/tool.ts': `export const tool = new Date();`,
};

/** The other half of the seeded cycles. */
export const CYCLES: { readonly [path: string]: string } = {
  'src/train/b.ts': `import { a } from './a.ts';\nexport const b = () => a;`,
  'src/merge/b.ts': `import type { A } from './a.ts';\nexport type B = A | 2;`,
};
