-- Start-time fair queueing with settle among the tenants of one BullMQ queue. Letters as in the sources named in
-- docs/bullmq-fair.md: V virtual time of the queue, F a tenant's next start tag, w its weight, c a cost.
--
-- A waiting job stays in BullMQ's own set `prioritized`, so everything that looks at a queue sees it, but "parked":
-- with PARKED added to its score s = priority * 2^32 + counter. Beside it, under the queue's prefix:
--   fair:q:<tenant>  zset    the tenant's line: job id -> s
--   fair:t           zset    the active set: tenant -> F, for tenants with a line that is served
--   fair:f           hash    F of the others that have running jobs
--   fair:i           zset    F of the others; forgotten once V has passed it, since they would be lifted to V
--   fair:r           hash    running job -> charged so far, started at, tenant; <id>:c -> cost that it reported; :V -> V
--   fair:w           hash    tenant -> weight in hundredths (0: never set, counts as 100) + 2^20 for each running job
--   fair:b           set     tenants that are not served
--   fair:front       string  counts jobs put before all others of their class
--
-- Tags are integers in slot-microseconds at weight 1, costs integers in microseconds: doubles hold both exactly, and
-- redis.call writes a number with 17 digits. Every call of Redis costs each job about a microsecond, so
-- what is known is not asked again.
local rcall = redis.call
local format, floor = string.format, math.floor
local RUNNING = 1048576 -- 2^20: one running job in fair:w
local MOST = 31536000000000 -- a year: no cost counts for more
local prefix, ACTIVE, RUNS, WEIGHTS, LINE, PRIORITIZED, WAIT -- keys of the queue, made once because joining texts costs too
local V, now -- as far as they were read in this run of a script

-- Says which queue all that follows is about.
local function use(queue)
  prefix, PRIORITIZED, WAIT = queue, queue .. "prioritized", queue .. "wait"
  ACTIVE, RUNS, WEIGHTS, LINE = queue .. "fair:t", queue .. "fair:r", queue .. "fair:w", queue .. "fair:q:"
end

local function micros()
  if not now then
    local time = rcall("TIME")
    now = time[1] * 1000000 + time[2]
  end
  return now
end

-- c / w in virtual time, rounded towards zero. `value` is the tenant's in fair:w.
local function span(value, cost)
  local w = value % RUNNING
  if w == 0 then w = 100 end
  if cost < 0 then return -floor(-cost * 100 / w) end
  return floor(cost * 100 / w)
end

local function virtualTime()
  V = V or tonumber(rcall("HGET", RUNS, ":V") or 0)
  return V
end

local function hasLine(tenant)
  return rcall("EXISTS", LINE .. tenant) == 1
end
