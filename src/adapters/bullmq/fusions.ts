/**
 * What happens around each script of BullMQ that makes a job wait, run or end. `stock(KEYS, ARGV)` is the script as
 * BullMQ ships it; the other functions are those of lua/.
 */
export interface Fusion {
  /** The comment that names each of KEYS in BullMQ's own text, in order. */
  readonly keys: readonly string[];
  /** Scripts of BullMQ that the fused one needs beside its own, as functions of their names. */
  readonly with?: readonly string[];
  readonly lua: string;
}

export const FUSIONS = {
  addStandardJob: {
    keys: [
      "'wait'",
      "'paused'",
      "'meta'",
      "'id'",
      "'completed'",
      "'delayed'",
      "'active'",
      'events stream key',
      'marker key',
    ],
    lua: `local id = stock(KEYS, ARGV)
use(string.sub(KEYS[1], 1, -5))
lines().adoptWaiting(false)
return id`,
  },
  addPrioritizedJob: {
    keys: [
      "'marker'",
      "'meta'",
      "'id'",
      "'prioritized'",
      "'delayed'",
      "'completed'",
      "'active'",
      'events stream key',
      "'pc' priority counter",
    ],
    lua: `local id = stock(KEYS, ARGV)
use(string.sub(KEYS[4], 1, -12))
lines().adoptStrays()
return id`,
  },
  moveToActive: {
    keys: [
      'wait key',
      'active key',
      'prioritized key',
      'stream events key',
      'stalled key',
      'rate limiter key',
      'delayed key',
      'paused key',
      'meta key',
      'pc priority counter',
      'marker key',
    ],
    lua: `use(ARGV[1])
return fetchJob(stock, KEYS, ARGV, @ESTIMATE@)`,
  },
  moveToFinished: {
    keys: [
      'wait key',
      'active key',
      'prioritized key',
      'event stream key',
      'stalled key',
      'rate limiter key',
      'delayed key',
      'paused key',
      'meta key',
      'pc priority counter',
      'completed/failed key',
      'jobId key',
      'metrics key',
      'marker key',
    ],
    lua: `use(ARGV[7])
local run = ended(ARGV[1])
local argv = {unpack(ARGV)}
local function finish(fetch)
  if not fetch then argv[6] = "0" end
  local result = stock(KEYS, argv)
  if run and type(result) == "number" and result < 0 then notEnded(ARGV[1], run) end
  return result
end
if ARGV[6] ~= "1" then return finish(false) end
return nextJob(ARGV[2], @ESTIMATE@, finish)`,
  },
  moveToDelayed: {
    keys: [
      'marker key',
      'active key',
      'prioritized key',
      'delayed key',
      'job key',
      'events stream',
      'meta key',
      'stalled key',
      'wait key',
      'rate limiter key',
      'pc priority counter',
    ],
    with: ['moveToActive'],
    // BullMQ would serve a job that is delayed by nothing at once again; here it goes through the order first.
    lua: `local argv = {unpack(ARGV)}
argv[8] = "0"
local result = stock(KEYS, argv)
if result ~= 0 then return result end
use(ARGV[1])
ended(ARGV[3])
if ARGV[8] ~= "1" then return 0 end
local keys = {KEYS[9], KEYS[2], KEYS[3], KEYS[6], KEYS[8], KEYS[10], KEYS[4], ARGV[1] .. "paused", KEYS[7], KEYS[11], KEYS[1]}
local job = fetchJob(moveToActive, keys, {ARGV[1], ARGV[2], ARGV[9]}, @ESTIMATE@)
return type(job[1]) == "table" and job or 0`,
  },
  retryJob: {
    keys: [
      "'active'",
      "'wait'",
      "'paused'",
      'job key',
      "'meta'",
      'events stream',
      'delayed key',
      'prioritized key',
      "'pc' priority counter",
      "'marker'",
      "'stalled'",
    ],
    lua: `local result = stock(KEYS, ARGV)
use(ARGV[1])
if result == 0 then ended(ARGV[4]) end
return result`,
  },
  moveToWaitingChildren: {
    keys: [
      'active key',
      'wait-children key',
      'job key',
      'job dependencies key',
      'job unsuccessful key',
      'stalled key',
      'events key',
    ],
    lua: `local result = stock(KEYS, ARGV)
use(string.sub(KEYS[1], 1, -7))
if result == 0 then ended(ARGV[4]) end
return result`,
  },
  moveJobFromActiveToWait: {
    keys: [
      'active key',
      'wait key',
      'stalled key',
      'paused key',
      'meta key',
      'limiter key',
      'prioritized key',
      'marker key',
      'event key',
    ],
    lua: `use(string.sub(KEYS[1], 1, -7))
lines().adoptWaiting(false)
local result = stock(KEYS, ARGV)
if result >= 0 then ended(ARGV[1]) end
lines().adoptWaiting(true)
return result`,
  },
  moveStalledJobsToWait: {
    keys: [
      "'stalled' (SET)",
      "'wait',   (LIST)",
      "'active', (LIST)",
      "'stalled-check', (KEY)",
      "'meta', (KEY)",
      "'paused', (LIST)",
      "'marker'",
      "'event stream' (STREAM)",
      "'repeat' key",
    ],
    lua: `use(ARGV[2])
lines().adoptWaiting(false)
local stalled = stock(KEYS, ARGV)
for _, id in ipairs(stalled) do ended(id) end
if #stalled > 0 then lines().adoptWaiting(true) end
return stalled`,
  },
  removeJob: {
    keys: ['jobKey', 'repeat key'],
    lua: `use(ARGV[3])
local tenant = lines().tenantOf(ARGV[1])
local result = stock(KEYS, ARGV)
if result == 1 then lines().unpark(ARGV[1], tenant) end
return result`,
  },
  extendLocks: {
    keys: ['stalled key'],
    lua: `use(ARGV[1])
local failed = stock(KEYS, ARGV)
local lost = {}
for _, id in ipairs(failed) do lost[id] = true end
for _, id in ipairs(cmsgpack.unpack(ARGV[3])) do
  if not lost[id] then charge(id) end
end
return failed`,
  },
  getCountsPerPriority: {
    keys: ['wait key', 'prioritized key'],
    lua: `local counts = stock(KEYS, ARGV)
for at, priority in ipairs(ARGV) do
  local from = lines().PARKED + priority * lines().CLASS
  counts[at] = counts[at] + rcall("ZCOUNT", KEYS[2], from, from + lines().CLASS - 4)
end
return counts`,
  },
  obliterate: {
    keys: ['meta', 'base'],
    lua: `local result = stock(KEYS, ARGV)
if result ~= 0 then return result end
for _, set in ipairs({rcall("ZRANGE", KEYS[2] .. "fair:t", 0, -1), rcall("SMEMBERS", KEYS[2] .. "fair:b")}) do
  for _, tenant in ipairs(set) do rcall("UNLINK", KEYS[2] .. "fair:q:" .. tenant) end
end
for _, name in ipairs({"t", "f", "i", "r", "w", "b", "front"}) do rcall("DEL", KEYS[2] .. "fair:" .. name) end
return 0`,
  },
} as const satisfies { readonly [script: string]: Fusion };

export type FusedScript = keyof typeof FUSIONS;
