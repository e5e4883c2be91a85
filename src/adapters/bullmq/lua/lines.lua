-- What few dispatches need: jobs that come to wait, tenants outside the active set, settings.
local PARKED = 18014398509481984 -- 2^54, above every score of BullMQ itself
local CLASS = 4294967296 -- 2^32: scores of one priority
local BATCH = 1000
local WAIT, PRIORITIZED, LINE = prefix .. "wait", prefix .. "prioritized", prefix .. "fair:q:"
local lines = { PARKED = PARKED, CLASS = CLASS }

local function virtualTime()
  return tonumber(rcall("ZSCORE", TAGS, NOW) or 0)
end

-- F of a tenant outside the active set.
local function tagOutside(tenant)
  return tonumber(rcall("HGET", prefix .. "fair:f", tenant) or rcall("ZSCORE", prefix .. "fair:i", tenant) or 0)
end

-- Keeps F of a tenant outside the active set, as long as it says more than V does.
local function keepOutside(tenant, F)
  local value = tonumber(rcall("HGET", WEIGHTS, tenant) or 0)
  if value >= ONE then
    rcall("HSET", prefix .. "fair:f", tenant, F)
    return
  end
  if value == 0 then rcall("HDEL", WEIGHTS, tenant) end
  rcall("HDEL", prefix .. "fair:f", tenant)
  local V = virtualTime()
  rcall("ZREMRANGEBYSCORE", prefix .. "fair:i", "-inf", V)
  if F > V then rcall("ZADD", prefix .. "fair:i", F, tenant)
  else rcall("ZREM", prefix .. "fair:i", tenant) end
end

-- F = F + change of a tenant outside the active set.
function lines.advanceOutside(tenant, change)
  keepOutside(tenant, tagOutside(tenant) + change)
end

-- Scores of a tenant that are served lie below this.
local function servedBelow(tenant)
  local most = rcall("HGET", prefix .. "fair:b", tenant)
  if not most then return math.huge end
  return most == "-1" and -math.huge or (most + 1) * CLASS
end

-- Whether the head of a tenant's line is served.
local function isServed(tenant)
  local head = rcall("ZRANGE", LINE .. tenant, 0, 0, "WITHSCORES")
  return head[2] and tonumber(head[2]) < servedBelow(tenant)
end

function lines.serves(tenant, score)
  return tonumber(score) < servedBelow(tenant)
end

-- How many waiting jobs of a tenant are served.
function lines.servedIn(tenant)
  local below = servedBelow(tenant)
  return rcall("ZCOUNT", LINE .. tenant, "-inf", below == math.huge and "+inf" or "(" .. string.format("%.0f", below))
end

-- Brings a tenant with a line into the active set if its head is served; F = max(F, V).
local function enter(tenant)
  if not isServed(tenant) then return end
  local F = tonumber(rcall("ZSCORE", TAGS, tenant) or tagOutside(tenant))
  local V = virtualTime()
  rcall("HDEL", prefix .. "fair:f", tenant)
  rcall("ZREM", prefix .. "fair:i", tenant)
  rcall("ZADD", TAGS, math.max(F, V), tenant, V, NOW)
end

local function leave(tenant)
  local F = rcall("ZSCORE", TAGS, tenant)
  if not F then return end
  rcall("ZREM", TAGS, tenant)
  keepOutside(tenant, tonumber(F))
end

-- The tenant that a job's data names; "" when it names none.
local function tenantIn(data)
  local read, value = pcall(cjson.decode, data or "")
  local tenant = read and type(value) == "table" and value["@TENANT_FIELD@"]
  if not tenant or tenant == cjson.null or tenant == NOW then return "" end
  return tostring(tenant)
end

local function tenantOf(id)
  return tenantIn(rcall("HGET", prefix .. id, "data"))
end

-- Puts a job into its tenant's line with the score s.
local function park(id, s, tenant)
  rcall("ZADD", PRIORITIZED, PARKED + s, id)
  local line = LINE .. tenant
  if rcall("ZADD", line, s, id) == 0 or rcall("ZRANK", line, id) > 0 then return end
  -- It is the head. A line that was empty may still be in the active set, and one in it may have had another head.
  if rcall("ZCARD", line) == 1 or not rcall("ZSCORE", TAGS, tenant) then enter(tenant) end
end

-- The score of a job that BullMQ would serve from its list `wait`: at the end of its class, or before all of it.
local function scoreOf(class, front)
  if front then return class - rcall("INCR", prefix .. "fair:front") end
  return class + rcall("INCR", prefix .. "pc") % CLASS
end

lines.leave, lines.tenantOf, lines.park = leave, tenantOf, park

-- Parks a job that is added, instead of putting it into `wait`.
function lines.add(id, data, lifo)
  park(id, scoreOf(0, lifo), tenantIn(data))
end

-- Parks a job that is added, instead of putting it into `prioritized`.
function lines.addPrioritized(id, data, score)
  park(id, score, tenantIn(data))
end

-- The head of the line is another: a tenant whose head is not served leaves.
local function newHead(tenant)
  if not isServed(tenant) then leave(tenant) end
end
lines.newHead = newHead

-- A job that waited is gone.
function lines.unpark(id, tenant)
  if rcall("ZREM", LINE .. tenant, id) == 1 then newHead(tenant) end
end

-- Parks the jobs in `wait`: retried, stalled, due, a parent whose children are done, or added without this backend.
function lines.adoptWaiting(front)
  local waiting = rcall("LRANGE", WAIT, -BATCH, -1)
  rcall("LTRIM", WAIT, 0, -#waiting - 1)
  for at = #waiting, 1, -1 do
    local id = waiting[at]
    if string.sub(id, 1, 2) ~= "0:" then
      local job = rcall("HMGET", prefix .. id, "priority", "opts", "data")
      local lifo = job[2] and string.find(job[2], '"lifo":true', 1, true)
      park(id, scoreOf(tonumber(job[1] or 0) * CLASS, front or lifo), tenantIn(job[3]))
    end
  end
end

-- Parks the jobs that came into `prioritized` by one of BullMQ's own ways.
function lines.adoptStrays()
  local strays = rcall("ZRANGEBYSCORE", PRIORITIZED, "-inf", "@STRAYS@", "WITHSCORES", "LIMIT", 0, BATCH)
  for at = 1, #strays, 2 do park(strays[at], tonumber(strays[at + 1]), tenantOf(strays[at])) end
end

-- Nothing that is served waits. When lines are gone but their jobs are not, makes them anew: true then.
function lines.rebuilt()
  local parked = rcall("ZRANGE", PRIORITIZED, 0, BATCH - 1, "WITHSCORES")
  if #parked == 0 then rcall("DEL", prefix .. "pc") end -- as BullMQ does
  if #parked == 0 or rcall("EXISTS", prefix .. "fair:b") == 1 then return false end
  for at = 1, #parked, 2 do
    local tenant = tenantOf(parked[at])
    park(parked[at], tonumber(parked[at + 1]) - PARKED, tenant)
    if not rcall("ZSCORE", TAGS, tenant) then enter(tenant) end
  end
  return true
end

local function rewrite(id, seconds, micros, charged, reported, tenant)
  local run = seconds .. "." .. micros .. "|" .. charged .. "|" .. reported .. "|" .. tenant
  rcall("HSET", prefix .. id, "fair", run)
end

-- A running job has used this much so far; what was charged before is not given back here.
function lines.charge(id, cost)
  local run = rcall("HGET", prefix .. id, "fair")
  if not run or run == "" then return end
  local seconds, micros, charged, reported, tenant = string.match(run, RUN)
  cost = math.min(@MOST@, cost or since(seconds, micros))
  if cost <= tonumber(charged) then return end
  advance(tenant, span(tonumber(rcall("HGET", WEIGHTS, tenant)), cost - charged))
  rewrite(id, seconds, micros, string.format("%.0f", cost), reported, tenant)
end

-- A running job says what its run costs. False when it does not run.
function lines.report(id, cost)
  local run = rcall("HGET", prefix .. id, "fair")
  if not run or run == "" then return false end
  local seconds, micros, charged, _, tenant = string.match(run, RUN)
  rewrite(id, seconds, micros, charged, cost, tenant)
  return true
end

-- The run of a job has ended whose hash is not at hand.
function lines.ended(id, cost)
  ended(rcall("HGET", prefix .. id, "fair"), cost)
  rcall("HDEL", prefix .. id, "fair")
end

-- In fair:w: weight, whether only some of the tenant's jobs are served, running jobs.
function lines.weigh(tenant, hundredths)
  local value = tonumber(rcall("HGET", WEIGHTS, tenant) or 0)
  rcall("HSET", WEIGHTS, tenant, value - value % LIMITED + hundredths)
end

-- Serves a tenant's jobs of at most this priority number: all when it is "", none when it is -1.
function lines.serve(tenant, most)
  local value = tonumber(rcall("HGET", WEIGHTS, tenant) or 0)
  local limited = value % ONE >= LIMITED
  if most == "" then
    rcall("HDEL", prefix .. "fair:b", tenant)
    if limited then rcall("HSET", WEIGHTS, tenant, value - LIMITED) end
  else
    rcall("HSET", prefix .. "fair:b", tenant, most)
    if not limited then rcall("HSET", WEIGHTS, tenant, value + LIMITED) end
  end
  if not isServed(tenant) then leave(tenant)
  elseif not rcall("ZSCORE", TAGS, tenant) then enter(tenant) end
end

return lines
