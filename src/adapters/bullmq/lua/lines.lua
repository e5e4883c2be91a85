-- What few dispatches need: jobs that come to wait, tenants outside the active set, settings. To make a function costs
-- time in each run of a script, so these are made only when one is needed.
local PARKED = 18014398509481984 -- 2^54, above every score of BullMQ itself
local STRAYS = "13510798882111488" -- 2^53 + 2^52: scores of BullMQ itself lie below, parked ones above
local CLASS = 4294967296 -- 2^32: scores of one priority
local BATCH = 1000
local lines = { PARKED = PARKED, CLASS = CLASS }

-- F of a tenant outside the active set.
local function tagOutside(tenant)
  return tonumber(rcall("HGET", prefix .. "fair:f", tenant) or rcall("ZSCORE", prefix .. "fair:i", tenant) or 0)
end

-- Keeps F of a tenant outside the active set, as long as it says more than V does.
local function keepOutside(tenant, F)
  if tonumber(rcall("HGET", WEIGHTS, tenant) or 0) >= RUNNING then
    rcall("HSET", prefix .. "fair:f", tenant, F)
    return
  end
  rcall("HDEL", prefix .. "fair:f", tenant)
  rcall("ZREMRANGEBYSCORE", prefix .. "fair:i", "-inf", virtualTime())
  if F > virtualTime() then rcall("ZADD", prefix .. "fair:i", F, tenant)
  else rcall("ZREM", prefix .. "fair:i", tenant) end
end

-- Brings a tenant with a line into the active set if it is served; F = max(F, V).
local function enter(tenant)
  if rcall("SISMEMBER", prefix .. "fair:b", tenant) == 1 then return end
  local F = math.max(tagOutside(tenant), virtualTime())
  rcall("HDEL", prefix .. "fair:f", tenant)
  rcall("ZREM", prefix .. "fair:i", tenant)
  rcall("ZADD", ACTIVE, F, tenant)
end

local function leave(tenant)
  local F = rcall("ZSCORE", ACTIVE, tenant)
  if not F then return end
  rcall("ZREM", ACTIVE, tenant)
  keepOutside(tenant, tonumber(F))
end

local function tenantOf(id)
  local data = rcall("HGET", prefix .. id, "data")
  local read, value = pcall(cjson.decode, data or "")
  local tenant = read and type(value) == "table" and value["@TENANT_FIELD@"]
  return tenant and tenant ~= cjson.null and tostring(tenant) or ""
end

-- Puts a job into its tenant's line with the score s.
local function park(id, s)
  local tenant = tenantOf(id)
  rcall("ZADD", PRIORITIZED, PARKED + s, id)
  rcall("ZADD", LINE .. tenant, s, id)
  if not rcall("ZSCORE", ACTIVE, tenant) then enter(tenant) end
end

-- The score of a job that BullMQ would serve from its list `wait`: at the end of its class, or before all of it.
local function newScore(id, front)
  local job = rcall("HMGET", prefix .. id, "priority", "opts")
  local class = tonumber(job[1] or 0) * CLASS
  if front or (job[2] and string.find(job[2], '"lifo":true', 1, true)) then
    return class - rcall("INCR", prefix .. "fair:front")
  end
  return class + rcall("INCR", prefix .. "pc") % CLASS
end

lines.tagOutside, lines.keepOutside, lines.leave, lines.tenantOf, lines.park = tagOutside, keepOutside, leave, tenantOf, park

-- A job that waited is gone.
function lines.unpark(id, tenant)
  if rcall("ZREM", LINE .. tenant, id) == 1 and not hasLine(tenant) then leave(tenant) end
end

-- Parks the jobs in `wait`: added, retried, stalled, or a parent whose children are done.
function lines.adoptWaiting(front)
  local waiting = rcall("LRANGE", WAIT, -BATCH, -1)
  rcall("LTRIM", WAIT, 0, -#waiting - 1)
  for at = #waiting, 1, -1 do
    if string.sub(waiting[at], 1, 2) ~= "0:" then park(waiting[at], newScore(waiting[at], front)) end
  end
end

-- Parks the jobs that came into `prioritized` by one of BullMQ's own ways.
function lines.adoptStrays()
  local strays = rcall("ZRANGEBYSCORE", PRIORITIZED, "-inf", STRAYS, "WITHSCORES", "LIMIT", 0, BATCH)
  for at = 1, #strays, 2 do park(strays[at], tonumber(strays[at + 1])) end
end

-- Parks the delayed jobs whose time has come, as BullMQ would move them to `wait`.
function lines.promote(timestamp)
  local due = rcall("ZRANGEBYSCORE", prefix .. "delayed", 0, (timestamp + 1) * 4096 - 1, "LIMIT", 0, BATCH)
  for _, id in ipairs(due) do
    rcall("ZREM", prefix .. "delayed", id)
    park(id, newScore(id, false))
    rcall("XADD", prefix .. "events", "*", "event", "waiting", "jobId", id, "prev", "delayed")
    rcall("HSET", prefix .. id, "delay", 0)
  end
end

-- The chosen job was not taken (paused, rate limited, at its concurrency): back to its place.
function lines.putBack(chosen)
  rcall("LREM", WAIT, -1, chosen.id)
  rcall("ZADD", PRIORITIZED, PARKED + chosen.s, chosen.id)
  rcall("ZADD", LINE .. chosen.tenant, chosen.s, chosen.id)
end

-- Makes the lines anew when they are gone but their jobs are not.
function lines.rebuild()
  if rcall("SCARD", prefix .. "fair:b") > 0 then return end
  local lost = rcall("ZRANGE", PRIORITIZED, 0, BATCH - 1, "WITHSCORES")
  for at = 1, #lost, 2 do park(lost[at], tonumber(lost[at + 1]) - PARKED) end
end

function lines.weigh(tenant, hundredths)
  local value = tonumber(rcall("HGET", WEIGHTS, tenant) or 0)
  rcall("HSET", WEIGHTS, tenant, value - value % RUNNING + hundredths)
end

function lines.serve(tenant, served)
  if not served then
    rcall("SADD", prefix .. "fair:b", tenant)
    leave(tenant)
  elseif rcall("SREM", prefix .. "fair:b", tenant) == 1 and hasLine(tenant) then
    enter(tenant)
  end
end

return lines
