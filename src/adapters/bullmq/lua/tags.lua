-- Start-time fair queueing with settle among the tenants of one BullMQ queue. Letters as in the sources named in
-- docs/bullmq-fair.md: V virtual time of the queue, F a tenant's next start tag, w its weight, c a cost.
--
-- A waiting job stays in BullMQ's own set `prioritized`, so everything that looks at a queue sees it, but "parked":
-- with PARKED added to its score s = priority * 2^32 + counter. Beside it, under the queue's prefix:
--   fair:q:<tenant>  zset    the tenant's line: job id -> s
--   fair:t           zset    the active set: tenant -> F, for tenants with a line that is served; and NOW -> V.
--                            A tenant whose line ran out leaves when its turn comes.
--   fair:f           hash    F of the others that have running jobs
--   fair:i           zset    F of the others; forgotten once V has passed it, since they would be lifted to V
--   fair:w           hash    tenant -> weight in hundredths (0: never set, counts as 100), + 2^19 when it is in fair:b,
--                            + 2^20 for each running job
--   fair:b           hash    tenant -> greatest priority number that is served, -1 for none; absent when all are
--   fair:front       string  counts jobs put before all others of their class
-- and in the hash of a running job the field
--   fair                     seconds.microseconds since when|charged so far|cost that it reported|tenant; empty once it has ended
--
-- Tags are integers in slot-microseconds at weight 1, costs integers in microseconds: doubles hold both exactly, and
-- redis.call writes a number with 17 digits. Every call of Redis costs each job about a microsecond, and every function
-- made, text joined and number written a part of it: so what is known is not asked again, and what few jobs need is made
-- in lines() only.
local rcall, floor = redis.call, math.floor
local NOW = "\0V" -- no tenant is called so: see tenantIn
local ONE = 1048576 -- 2^20: one running job in fair:w
local LIMITED = 524288 -- 2^19: in fair:b
local RUN = "^(%d+)%.(%d+)|(%d+)|(%d*)|(.*)$"
local prefix = @QUEUE@
local TAGS, WEIGHTS = prefix .. "fair:t", prefix .. "fair:w"
local time -- of Redis, read once
local advance, ended -- order.lua; what lines() makes needs them too

-- Microseconds from then to now.
local function since(seconds, micros)
  time = time or rcall("TIME")
  return (time[1] - seconds) * 1000000 + time[2] - micros
end

-- c / w in virtual time, rounded towards zero. `value` is the tenant's in fair:w.
local function span(value, cost)
  local w = value % LIMITED
  if w == 0 then w = 100 end
  if cost < 0 then return -floor(-cost * 100 / w) end
  return floor(cost * 100 / w)
end
