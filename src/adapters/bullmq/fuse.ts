import { readFileSync } from 'node:fs';
import scripts from 'bullmq/dist/cjs/scripts/index.js';
import installed from 'bullmq/package.json' with { type: 'json' };
import { defer } from './defer.ts';
import { FairBackendError } from './errors.ts';
import { FUSIONS, type Fusion } from './fusions.ts';
import { requireBullmq } from './version.ts';

/** A script as BullMQ defines it: `keys` is the number of its KEYS. */
export interface Script {
  readonly name: string;
  readonly content: string;
  readonly keys: number;
}

export type Scripts = { readonly [name: string]: Script };

export interface FuseOptions {
  /** Field of the job data that names the tenant. */
  readonly tenantField: string;
  /** Charged at dispatch until more is known, in microseconds of one slot. */
  readonly estimateMicros: number;
}

const LUA = new URL('./lua/', import.meta.url);

/** BullMQ's own scripts. They lie outside its documented entry, so version and shape are checked. */
export function stockScripts(): Scripts {
  requireBullmq(() => installed.version);
  return { ...scripts };
}

/** What BullMQ's text says of each of a script's KEYS, in order. */
export function documentedKeys(script: Script): string[] {
  const header = script.content.slice(0, script.content.indexOf(']]'));
  return [...header.matchAll(/^\s*KEYS\[\d+\]\s*=?\s*(.*?),?\s*$/gm)].map(([, text = '']) => text);
}

/** All of BullMQ's scripts under their own names, those that make a job wait, run or end fused with the fair order. */
export function fuse(stock: Scripts, options: FuseOptions): Scripts {
  const fused: { [name: string]: Script } = { ...stock };
  const own = libraryFor(options, 'KEYS[1]');
  // The widening is true: every entry satisfies Fusion.
  for (const [name, fusion] of Object.entries(FUSIONS) as [string, Fusion][]) {
    const script = checked(stock, name, fusion);
    fused[name] = { ...script, content: contentOf(script, fusion, options) };
  }
  for (const [name, lua] of Object.entries(OWN)) {
    fused[name] = { name, keys: 2, content: `${own}\n${lua}` };
  }
  fused['fairProbe'] = { name: 'fairProbe', keys: 0, content: 'return 1' };
  const pull = filled('pull.lua', options);
  for (const [name, lua] of Object.entries(PULL)) {
    fused[name] = { name, keys: 2, content: `${own}\n${pull}\n${lua}` };
  }
  return fused;
}

function contentOf(script: Script, { queue, edits, often, around }: Fusion, options: FuseOptions): string {
  const library = libraryFor(options, queue);
  if (around !== undefined) {
    return `local function stock(KEYS, ARGV)\n${script.content}\nend\n${library}\n${around}`;
  }
  let { content } = script;
  for (const [text, instead] of edits ?? []) {
    const parts = content.split(text);
    if (parts.length !== 2) {
      throw new FairBackendError('BULLMQ_SCRIPTS', `bullmq's script ${script.name} is not the text that was fused`, {
        details: { script: script.name, wanted: text },
      });
    }
    content = parts.join(instead);
  }
  return `${library}\n${often ? defer(content, often) : content}`;
}

/**
 * The functions of the fair order: those of every dispatch, and `lines()`, which makes the others. `queue` says in Lua
 * which prefix the queue's keys have.
 */
export function libraryFor(options: FuseOptions, queue: string): string {
  const [tags, lines, order] = ['tags.lua', 'lines.lua', 'order.lua'].map((file) => filled(file, options));
  return `${tags?.replace('@QUEUE@', queue)}\nlocal function lines()\n${lines}\nend\n${order}`;
}

function filled(file: string, options: FuseOptions): string {
  return readFileSync(new URL(file, LUA), 'utf8')
    .replaceAll('@TENANT_FIELD@', options.tenantField)
    .replaceAll('@ESTIMATE@', String(options.estimateMicros))
    .replaceAll('@STRAYS@', STRAYS)
    .replaceAll('@MOST@', MOST);
}

/** Scores of BullMQ itself lie below, those of parked jobs above: 2^53 + 2^52. */
const STRAYS = '13510798882111488';

/** No cost counts for more than a year, in microseconds. */
const MOST = '31536000000000';

/** Beside BullMQ's: KEYS[1] the queue's prefix, KEYS[2] its marker, which wakes workers. */
const OWN = {
  fairWeigh: 'lines().weigh(ARGV[1], tonumber(ARGV[2]))',
  fairServe: 'lines().serve(ARGV[1], ARGV[2]) rcall("ZADD", KEYS[2], 0, "0")',
  fairReport: 'return lines().report(ARGV[1], ARGV[2])',
} as const;

/** For whoever fetches jobs without BullMQ's Worker; KEYS as above. */
const PULL = {
  pullClaim: 'return pull.claim(ARGV[1], ARGV[2])',
  pullRenew: 'return pull.renew(ARGV[1], ARGV[2], ARGV[3])',
  pullCharge: 'return pull.charge(ARGV[1], ARGV[2], ARGV[3])',
  pullSettle: 'return pull.settle(ARGV[1], ARGV[2], ARGV[3])',
  pullRequeue: 'local done = pull.requeue(ARGV[1], ARGV[2], ARGV[3]) rcall("ZADD", KEYS[2], 0, "0") return done',
  pullRemove: 'return pull.remove(ARGV[1])',
  pullExpire: 'return pull.expire(ARGV[1])',
  pullAbsent: 'return pull.absent(ARGV)',
  pullRemoveTenant: 'return pull.removeTenant(ARGV[1])',
  pullPosition: 'return pull.position(ARGV[1])',
} as const;

export type PullScript = keyof typeof PULL;

function scriptNamed(stock: Scripts, name: string): Script {
  const script = stock[name];
  if (script === undefined) throw new FairBackendError('BULLMQ_SCRIPTS', `bullmq has no script ${name}`);
  return script;
}

function checked(stock: Scripts, name: string, fusion: Fusion): Script {
  const script = scriptNamed(stock, name);
  const keys = documentedKeys(script);
  if (script.keys !== fusion.keys.length || keys.join('\n') !== fusion.keys.join('\n')) {
    throw new FairBackendError('BULLMQ_SCRIPTS', `the KEYS of bullmq's script ${name} are not those that were fused`, {
      details: { script: name, wanted: [...fusion.keys], found: keys },
    });
  }
  return script;
}
