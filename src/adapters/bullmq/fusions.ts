/**
 * How each script of BullMQ that makes a job wait, run or end is fused with the functions of lua/. `queue` says in Lua
 * which prefix the queue's keys have. Where a job passes most often BullMQ's own text is edited in place; elsewhere
 * something is done around it, as `stock(KEYS, ARGV)`.
 */
export interface Fusion {
  /** The comment that names each of KEYS in BullMQ's own text, in order. */
  readonly keys: readonly string[];
  readonly queue: string;
  /** Text that is there exactly once, and what stands in its place. */
  readonly edits?: readonly (readonly [text: string, instead: string])[];
  /** The functions that most runs call; the others are made when one of them is called. */
  readonly often?: readonly string[];
  readonly around?: string;
}

const WAITS = 'local jobId = rcall("RPOPLPUSH", waitKey, activeKey)';
/** Where BullMQ takes a job from its list `wait`: jobs there go into their lines first. */
const ADOPTS = [WAITS, 'local jobId if rcall("EXISTS", waitKey) == 1 then lines().adoptWaiting(false) end'] as const;

/** Where BullMQ takes the next job by priority, and where it writes that it runs. */
const TAKES = [
  [
    `local prioritizedJob = rcall("ZPOPMIN", priorityKey)
  if #prioritizedJob > 0 then
    rcall("LPUSH", activeKey, prioritizedJob[1])
    return prioritizedJob[1]
  else
    rcall("DEL", priorityCounterKey)
  end`,
    'return (take(priorityKey, activeKey))',
  ],
  [
    'rcall("HMSET", jobKey, "processedOn", processedOn, unpack',
    'rcall("HSET", jobKey, "processedOn", processedOn, "fair", begun, unpack',
  ],
] as const;

/**
 * Where BullMQ asks Redis twice for what one call tells, or for what it does not use: each call saved pays for one of the
 * fair order's. Strays are looked for at each dispatch only when jobs are due, which may bring some.
 */
const SAVES = [
  [
    'if rcall("EXISTS", jobIdKey) == 1 then',
    `local there = rcall("EXISTS", jobIdKey, jobIdKey .. ":dependencies", jobIdKey .. ":unsuccessful")
if there > 0 then`,
  ],
  ['if rcall("SCARD", jobIdKey', 'if there > 1 and rcall("SCARD", jobIdKey'],
  ['if rcall("ZCARD", jobIdKey', 'if there > 1 and rcall("ZCARD", jobIdKey'],
  [
    'local maxEvents = rcall("HGET", metaKey, "opts.maxLenEvents")',
    `meta = rcall("HMGET", metaKey, "paused", "concurrency", "max", "duration", "opts.maxLenEvents")
  local maxEvents = meta[5]`,
  ],
  [
    'local queueAttributes = rcall("HMGET", queueMetaKey, "paused", "concurrency", "max", "duration")',
    'local queueAttributes = meta',
  ],
  [
    'local attemptsMade = rcall("HINCRBY", jobIdKey, "atm", 1)',
    'local attemptsMade = (maxCount ~= 0 or ARGV[5] == "failed") and rcall("HINCRBY", jobIdKey, "atm", 1)',
  ],
  [
    `promoteDelayedJobs(delayedKey, markerKey, waitKey, prioritizedKey,
        eventStreamKey, prefix, timestamp, pcKey, isPausedOrMaxed)`,
    `local others = rcall("EXISTS", waitKey, delayedKey)
    if others > 0 then
      promoteDelayedJobs(delayedKey, markerKey, waitKey, prioritizedKey,
        eventStreamKey, prefix, timestamp, pcKey, isPausedOrMaxed)
    end
    seldom = others == 0`,
  ],
  [WAITS, 'local jobId if others > 0 and rcall("EXISTS", waitKey) == 1 then lines().adoptWaiting(false) end'],
] as const;

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
    queue: 'string.sub(KEYS[1], 1, -5)',
    edits: [
      [
        'addJobInTargetList(waitKey, KEYS[9], pushCmd, isPausedOrMaxed, jobId)',
        "lines().add(jobId, ARGV[2], opts['lifo']) addBaseMarkerIfNeeded(KEYS[9], isPausedOrMaxed)",
      ],
    ],
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
    queue: 'string.sub(KEYS[4], 1, -12)',
    edits: [
      [
        'addJobWithPriority( KEYS[1], priorityKey, priority, jobId, priorityCounterKey, isPausedOrMaxed)',
        `lines().addPrioritized(jobId, ARGV[2], getPriorityScore(priority, priorityCounterKey))
addBaseMarkerIfNeeded(KEYS[1], isPausedOrMaxed)`,
      ],
    ],
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
    queue: 'ARGV[1]',
    edits: [ADOPTS, ...TAKES],
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
    queue: 'ARGV[7]',
    often: [
      'getQueueMetadata',
      'getRateLimitTTL',
      'moveJobFromPrioritizedToActive',
      'addBaseMarkerIfNeeded',
      'prepareJobForProcessing',
      'fetchNextJob',
      'removeDeduplicationKeyIfNeededOnFinalization',
      'removeJobKeys',
      'removeLock',
      'getOrSetMaxEvents',
      'trimEvents',
      'updateJobFields',
    ],
    edits: [
      ...SAVES,
      ...TAKES,
      ['"parentKey", "parent", "deid")', '"parentKey", "parent", "deid", "fair")'],
      ['local eventStreamKey = KEYS[4]', 'ended(jobAttributes[4]) local eventStreamKey = KEYS[4]'],
      [
        'rcall("HSET", jobIdKey, ARGV[3], ARGV[4], "finishedOn", timestamp)',
        'rcall("HSET", jobIdKey, ARGV[3], ARGV[4], "finishedOn", timestamp, "fair", "")',
      ],
    ],
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
    queue: 'ARGV[1]',
    // A job that is delayed by nothing goes through the order again like any other.
    edits: [
      ADOPTS,
      ...TAKES,
      [
        'local score, delayedTimestamp = getDelayedScore(delayedKey, ARGV[2], delay)',
        `lines().ended(jobId)
    local score, delayedTimestamp = getDelayedScore(delayedKey, ARGV[2], delay)`,
      ],
    ],
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
    queue: 'ARGV[1]',
    around: `local result = stock(KEYS, ARGV)
if result == 0 then lines().ended(ARGV[4]) end
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
    queue: 'string.sub(KEYS[1], 1, -7)',
    around: `local result = stock(KEYS, ARGV)
if result == 0 then lines().ended(ARGV[4]) end
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
    queue: 'string.sub(KEYS[1], 1, -7)',
    around: `lines().adoptWaiting(false)
local result = stock(KEYS, ARGV)
if result >= 0 then lines().ended(ARGV[1]) end
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
    queue: 'ARGV[2]',
    around: `lines().adoptWaiting(false)
lines().adoptStrays()
local stalled = stock(KEYS, ARGV)
for _, id in ipairs(stalled) do lines().ended(id) end
if #stalled > 0 then lines().adoptWaiting(true) end
return stalled`,
  },
  removeJob: {
    keys: ['jobKey', 'repeat key'],
    queue: 'ARGV[3]',
    around: `local tenant, run = lines().tenantOf(ARGV[1]), rcall("HGET", prefix .. ARGV[1], "fair")
local result = stock(KEYS, ARGV)
if result == 1 then
  ended(run)
  lines().unpark(ARGV[1], tenant)
end
return result`,
  },
  extendLocks: {
    keys: ['stalled key'],
    queue: 'ARGV[1]',
    around: `local failed = stock(KEYS, ARGV)
local lost = {}
for _, id in ipairs(failed) do lost[id] = true end
for _, id in ipairs(cmsgpack.unpack(ARGV[3])) do
  if not lost[id] then lines().charge(id) end
end
return failed`,
  },
  getCountsPerPriority: {
    keys: ['wait key', 'prioritized key'],
    queue: 'string.sub(KEYS[1], 1, -5)',
    around: `local counts = stock(KEYS, ARGV)
for at, priority in ipairs(ARGV) do
  local from = lines().PARKED + priority * lines().CLASS
  counts[at] = counts[at] + rcall("ZCOUNT", KEYS[2], from, from + lines().CLASS - 4)
end
return counts`,
  },
  obliterate: {
    keys: ['meta', 'base'],
    queue: 'KEYS[2]',
    around: `local result = stock(KEYS, ARGV)
if result ~= 0 then return result end
for _, set in ipairs({rcall("ZRANGE", KEYS[2] .. "fair:t", 0, -1), rcall("HKEYS", KEYS[2] .. "fair:b")}) do
  for _, tenant in ipairs(set) do rcall("UNLINK", KEYS[2] .. "fair:q:" .. tenant) end
end
for _, name in ipairs({"t", "f", "i", "w", "b", "front", "l", "epoch"}) do rcall("DEL", KEYS[2] .. "fair:" .. name) end
return 0`,
  },
} as const satisfies { readonly [script: string]: Fusion };

export type FusedScript = keyof typeof FUSIONS;
