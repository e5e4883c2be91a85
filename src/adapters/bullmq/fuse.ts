import { readFileSync } from 'node:fs';
import scripts from 'bullmq/dist/cjs/scripts/index.js';
import installed from 'bullmq/package.json' with { type: 'json' };
import { FairBackendError } from './errors.ts';
import { FUSIONS, type Fusion } from './fusions.ts';

/** The version whose scripts are fused; any other is refused. */
export const BULLMQ_VERSION = '6.7.0';

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

const LIBRARY = new URL('./lua/fair.lua', import.meta.url);

/** BullMQ's own scripts. They lie outside its documented entry, so version and shape are checked. */
export function stockScripts(): Scripts {
  const { version } = installed;
  if (version !== BULLMQ_VERSION) {
    const message = `the fair backend is made for bullmq ${BULLMQ_VERSION}, found ${version}`;
    throw new FairBackendError('BULLMQ_VERSION', message, { details: { wanted: BULLMQ_VERSION, found: version } });
  }
  return { ...scripts };
}

/** What BullMQ's text says of each of a script's KEYS, in order. */
export function documentedKeys(script: Script): string[] {
  const header = script.content.slice(0, script.content.indexOf(']]'));
  return [...header.matchAll(/^\s*KEYS\[\d+\]\s*=?\s*(.*?),?\s*$/gm)].map(([, text = '']) => text);
}

/** All of BullMQ's scripts under their own names, those that make a job wait, run or end fused with the fair order. */
export function fuse(stock: Scripts, options: FuseOptions): Scripts {
  const library = libraryFor(options);
  const fused: { [name: string]: Script } = { ...stock };
  // The widening is true: every entry satisfies Fusion.
  for (const [name, fusion] of Object.entries(FUSIONS) as [string, Fusion][]) {
    const script = checked(stock, name, fusion);
    const others = (fusion.with ?? []).map((other) => asFunction(other, scriptNamed(stock, other)));
    fused[name] = {
      ...script,
      content: [asFunction('stock', script), ...others, library, fusion.lua]
        .join('\n')
        .replaceAll('@ESTIMATE@', String(options.estimateMicros)),
    };
  }
  return { ...fused, fairServe: { name: 'fairServe', keys: 1, content: `${library}\n${SERVE}` } };
}

/** The functions of fair.lua for these options. */
export function libraryFor(options: FuseOptions): string {
  return readFileSync(LIBRARY, 'utf8').replaceAll('@TENANT_FIELD@', options.tenantField);
}

/** KEYS[1] the queue's prefix, ARGV[1] tenant, ARGV[2] whether it is served (1 or 0). */
const SERVE = `local prefix, tenant = KEYS[1], ARGV[1]
local F, active = tagOf(prefix, tenant)
if ARGV[2] == "1" then
  rcall("SREM", prefix .. "fair:b", tenant)
  if not active then place(prefix, tenant, F, false) end
  rcall("ZADD", prefix .. "marker", 0, "0")
else
  rcall("SADD", prefix .. "fair:b", tenant)
  rcall("ZREM", prefix .. "fair:t", tenant)
  place(prefix, tenant, F, false)
end
return 1`;

function asFunction(name: string, script: Script): string {
  return `local function ${name}(KEYS, ARGV)\n${script.content}\nend`;
}

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
