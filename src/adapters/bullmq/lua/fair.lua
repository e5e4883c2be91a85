-- Start-time fair queueing with settle among the tenants of one BullMQ queue. Letters as in the sources named in
-- the README: V virtual time of the queue, F a tenant's next start tag, w its weight, c a cost.
--
-- A waiting job stays in BullMQ's own set `prioritized`, so everything that looks at a queue sees it, but "parked":
-- with PARKED added to its score s = priority * 2^32 + counter. Beside it, under the queue's prefix:
--   fair:q:<tenant>  zset   the tenant's line: job id -> s
--   fair:t           zset   the active set: tenant -> F, for tenants with a line that is served
--   fair:f           hash   F of the others that have running jobs
--   fair:i           zset   F of the others; forgotten once V has passed it, since they would be lifted to V
--   fair:n           hash   running jobs of a tenant
--   fair:r           hash   running job -> charged so far, started at, tenant
--   fair:w           hash   weight in hundredths; 100 when absent
--   fair:b           set    tenants that are not served
--   fair:v           string V
--
-- Tags are integers in slot-microseconds at weight 1, costs integers in microseconds: doubles hold both exactly.
local rcall = redis.call
local PARKED = 18014398509481984 -- 2^54, above every score of BullMQ itself
local STRAYS = "13510798882111488" -- 2^53 + 2^52: scores of BullMQ itself lie below, parked ones above
local CLASS = 4294967296 -- 2^32: scores of one priority
local BATCH = 1000
local MOST = 31536000000000 -- a year: no cost counts for more

local function exact(number)
  return string.format("%.0f", number)
end

local function micros()
  local time = rcall("TIME")
  return time[1] * 1000000 + time[2]
end

-- c / w in virtual time, rounded towards zero.
local function span(prefix, tenant, cost)
  local w = tonumber(rcall("HGET", prefix .. "fair:w", tenant) or 100)
  local quotient = math.abs(cost) * 100 / w
  return cost < 0 and -math.floor(quotient) or math.floor(quotient)
end

local function virtualTime(prefix)
  return tonumber(rcall("GET", prefix .. "fair:v") or 0)
end

-- F, and whether the tenant is in the active set.
local function tagOf(prefix, tenant)
  local F = rcall("ZSCORE", prefix .. "fair:t", tenant)
  if F then return tonumber(F), true end
  return tonumber(rcall("HGET", prefix .. "fair:f", tenant) or rcall("ZSCORE", prefix .. "fair:i", tenant) or 0), false
end

-- Keeps F where the tenant belongs now; entering the active set lifts it to V.
local function place(prefix, tenant, F, active)
  local serves = rcall("EXISTS", prefix .. "fair:q:" .. tenant) == 1
    and (active or rcall("SISMEMBER", prefix .. "fair:b", tenant) == 0)
  if serves then
    if not active then
      F = math.max(F, virtualTime(prefix))
      rcall("HDEL", prefix .. "fair:f", tenant)
      rcall("ZREM", prefix .. "fair:i", tenant)
    end
    rcall("ZADD", prefix .. "fair:t", exact(F), tenant)
    return
  end
  if active then rcall("ZREM", prefix .. "fair:t", tenant) end
  if rcall("HEXISTS", prefix .. "fair:n", tenant) == 1 then
    rcall("HSET", prefix .. "fair:f", tenant, exact(F))
  else
    rcall("HDEL", prefix .. "fair:f", tenant)
    if F > virtualTime(prefix) then rcall("ZADD", prefix .. "fair:i", exact(F), tenant)
    else rcall("ZREM", prefix .. "fair:i", tenant) end
  end
end

local function tenantOf(prefix, id)
  local data = rcall("HGET", prefix .. id, "data")
  local read, value = pcall(cjson.decode, data or "")
  local tenant = read and type(value) == "table" and value["@TENANT_FIELD@"]
  return tenant and tenant ~= cjson.null and tostring(tenant) or ""
end

-- Puts a job into its tenant's line with the score s.
local function park(prefix, id, s)
  local tenant = tenantOf(prefix, id)
  local line = prefix .. "fair:q:" .. tenant
  rcall("ZADD", prefix .. "prioritized", exact(PARKED + s), id)
  rcall("ZADD", line, exact(s), id)
  if not rcall("ZSCORE", prefix .. "fair:t", tenant) then place(prefix, tenant, (tagOf(prefix, tenant)), false) end
end

-- A job that waited is gone.
local function unpark(prefix, id, tenant)
  if rcall("ZREM", prefix .. "fair:q:" .. tenant, id) == 1 then
    local F, active = tagOf(prefix, tenant)
    if active then place(prefix, tenant, F, true) end
  end
end

-- The score of a job that BullMQ would serve from its list `wait`: at the end of its class, or before all of it.
local function newScore(prefix, id, front)
  local job = rcall("HMGET", prefix .. id, "priority", "opts")
  local class = tonumber(job[1] or 0) * CLASS
  if front or (job[2] and string.find(job[2], '"lifo":true', 1, true)) then
    return class - rcall("INCR", prefix .. "fair:front")
  end
  return class + rcall("INCR", prefix .. "pc") % CLASS
end

-- Parks every job that came by one of BullMQ's own ways: added, retried, stalled, promoted, a parent whose children are done.
local function adopt(prefix, front)
  local waiting = rcall("LRANGE", prefix .. "wait", -BATCH, -1)
  if #waiting > 0 then
    rcall("LTRIM", prefix .. "wait", 0, -#waiting - 1)
    for at = #waiting, 1, -1 do
      if string.sub(waiting[at], 1, 2) ~= "0:" then park(prefix, waiting[at], newScore(prefix, waiting[at], front)) end
    end
  end
  local strays = rcall("ZRANGEBYSCORE", prefix .. "prioritized", "-inf", STRAYS, "WITHSCORES", "LIMIT", 0, BATCH)
  for at = 1, #strays, 2 do park(prefix, strays[at], tonumber(strays[at + 1])) end
end

-- Parks the delayed jobs whose time has come, as BullMQ would move them to `wait`.
local function promote(prefix, timestamp)
  local due = rcall("ZRANGEBYSCORE", prefix .. "delayed", 0, (timestamp + 1) * 4096 - 1, "LIMIT", 0, BATCH)
  for _, id in ipairs(due) do
    rcall("ZREM", prefix .. "delayed", id)
    park(prefix, id, newScore(prefix, id, false))
    rcall("XADD", prefix .. "events", "*", "event", "waiting", "jobId", id, "prev", "delayed")
    rcall("HSET", prefix .. id, "delay", 0)
  end
end

-- Takes the job that is served next out of its line and to the front of `prioritized`, where BullMQ pops it. Charges
-- nothing yet. Ids whose job went in one of BullMQ's sweeps (drain, clean) are passed over.
local function choose(prefix)
  while true do
    local first = rcall("ZRANGE", prefix .. "fair:t", 0, 0, "WITHSCORES")
    if #first == 0 then return nil end
    local tenant, F = first[1], tonumber(first[2])
    local head = rcall("ZPOPMIN", prefix .. "fair:q:" .. tenant)
    if #head == 0 then
      place(prefix, tenant, F, true)
    elseif rcall("ZSCORE", prefix .. "prioritized", head[1]) then
      rcall("ZADD", prefix .. "prioritized", "-inf", head[1])
      return { id = head[1], s = tonumber(head[2]), tenant = tenant, F = F }
    end
  end
end

-- The chosen job was not taken (paused, rate limited, at its concurrency): back to its place.
local function putBack(prefix, chosen)
  rcall("ZADD", prefix .. "prioritized", exact(PARKED + chosen.s), chosen.id)
  rcall("ZADD", prefix .. "fair:q:" .. chosen.tenant, exact(chosen.s), chosen.id)
end

-- A job of the tenant was dispatched: V = max(V, S), and the estimate is charged.
local function dispatched(prefix, id, tenant, estimate)
  local S, active = tagOf(prefix, tenant)
  local V = virtualTime(prefix)
  if active and S > V then
    rcall("SET", prefix .. "fair:v", exact(S))
    rcall("ZREMRANGEBYSCORE", prefix .. "fair:i", "-inf", exact(S))
  end
  rcall("HINCRBY", prefix .. "fair:n", tenant, 1)
  rcall("HSET", prefix .. "fair:r", id, exact(estimate) .. "|" .. exact(micros()) .. "|" .. tenant)
  place(prefix, tenant, S + span(prefix, tenant, estimate), active)
end

local function running(prefix, id)
  local entry = rcall("HGET", prefix .. "fair:r", id)
  if not entry then return nil end
  local charged, since, tenant = string.match(entry, "^(%d+)|(%d+)|(.*)$")
  return { charged = tonumber(charged), since = tonumber(since), tenant = tenant }
end

-- A running job has used this much so far; what was charged before is not given back here.
local function charge(prefix, id, cost)
  local run = running(prefix, id)
  if not run then return end
  cost = math.min(MOST, cost or micros() - run.since)
  if cost <= run.charged then return end
  local F, active = tagOf(prefix, run.tenant)
  place(prefix, run.tenant, F + span(prefix, run.tenant, cost - run.charged), active)
  rcall("HSET", prefix .. "fair:r", id, exact(cost) .. "|" .. exact(run.since) .. "|" .. run.tenant)
end

-- A run has ended, well or badly: its charge becomes its cost, which is what was reported or else the time it took.
local function ended(prefix, id, cost)
  local run = running(prefix, id)
  if not run then return nil end
  local reported = cost or rcall("HGET", prefix .. id, "fair:cost")
  cost = math.max(0, math.min(MOST, tonumber(reported or micros() - run.since)))
  local change = span(prefix, run.tenant, cost - run.charged)
  local F, active = tagOf(prefix, run.tenant)
  rcall("HDEL", prefix .. "fair:r", id)
  if rcall("HINCRBY", prefix .. "fair:n", run.tenant, -1) <= 0 then rcall("HDEL", prefix .. "fair:n", run.tenant) end
  place(prefix, run.tenant, F + change, active)
  return { id = id, run = run, change = change }
end

-- BullMQ refused to end the run after all (its lock was lost): as if nothing had been.
local function notEnded(prefix, was)
  local run = was.run
  local F, active = tagOf(prefix, run.tenant)
  rcall("HSET", prefix .. "fair:r", was.id, exact(run.charged) .. "|" .. exact(run.since) .. "|" .. run.tenant)
  rcall("HINCRBY", prefix .. "fair:n", run.tenant, 1)
  place(prefix, run.tenant, F - was.change, active)
end

-- Lets one of BullMQ's own functions fetch the next job after the order was decided. `fetch(true)` runs it, `fetch(false)`
-- runs it without fetching, when nothing that waits is served.
local function nextJob(prefix, timestamp, estimate, fetch)
  promote(prefix, tonumber(timestamp))
  adopt(prefix)
  local chosen = choose(prefix)
  if not chosen and rcall("ZCARD", prefix .. "prioritized") > 0 then
    if rcall("SCARD", prefix .. "fair:b") == 0 then
      -- The lines are gone but their jobs are not: make them anew.
      local lost = rcall("ZRANGE", prefix .. "prioritized", 0, BATCH - 1, "WITHSCORES")
      for at = 1, #lost, 2 do park(prefix, lost[at], tonumber(lost[at + 1]) - PARKED) end
      chosen = choose(prefix)
    end
    if not chosen then return fetch(false) end
  end
  local result = fetch(true)
  local got = type(result) == "table" and type(result[1]) == "table" and result[2]
  if chosen and got ~= chosen.id then putBack(prefix, chosen) end
  if got then dispatched(prefix, got, chosen and got == chosen.id and chosen.tenant or tenantOf(prefix, got), estimate) end
  return result
end
