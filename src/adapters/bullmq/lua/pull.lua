-- What a program needs that fetches jobs by itself, by its own clock and with leases that it ends itself, instead of by
-- BullMQ's Worker. Beside the keys of tags.lua:
--   fair:l          zset    lease: claimed job -> when it ends, milliseconds
--   fair:epoch      string  of the last claim
-- and in the hash of a claimed job the field
--   lease                   epoch|claimed at|until|place in its line
local PRIORITIZED, ACTIVE, LEASES = prefix .. "prioritized", prefix .. "active", prefix .. "fair:l"
local LEASE = "^(%d+)|(%-?%d+)|(%-?%d+)|(%-?%d+)$"

local function whole(n)
  return string.format("%.0f", n)
end

-- The lease of a claim; nil when it is fenced.
local function held(id, epoch)
  local lease = rcall("HGET", prefix .. id, "lease")
  if not lease then return nil end
  local own, at, till, place = string.match(lease, LEASE)
  if own ~= epoch then return nil end
  return { at = tonumber(at), till = tonumber(till), place = tonumber(place) }
end

local function release(id)
  rcall("ZREM", LEASES, id)
  rcall("LREM", ACTIVE, 1, id)
end

local function forget(id)
  local key = prefix .. id
  rcall("DEL", key, key .. ":logs", key .. ":dependencies", key .. ":processed", key .. ":failed", key .. ":unsuccessful")
end

-- Later than every claim before it, also when this Redis has lost them: never before its own microseconds.
local function nextEpoch()
  time = time or rcall("TIME")
  local epoch = math.max(tonumber(rcall("GET", prefix .. "fair:epoch") or 0) + 1, time[1] * 1000000 + time[2])
  rcall("SET", prefix .. "fair:epoch", whole(epoch))
  return whole(epoch)
end

local pull = {}

-- The next job: id, epoch, data. `at` and `till` in milliseconds of the caller's clock.
function pull.claim(at, till)
  if rcall("HEXISTS", prefix .. "meta", "paused") == 1 then return nil end
  if rcall("EXISTS", prefix .. "wait") == 1 then lines().adoptWaiting(false) end
  local id, place = take(PRIORITIZED, ACTIVE)
  if not id then return nil end
  local epoch = nextEpoch()
  rcall("HSET", prefix .. id, "fair", begun, "processedOn", at, "lease", epoch .. "|" .. at .. "|" .. till .. "|" .. whole(place))
  rcall("ZADD", LEASES, till, id)
  return {id, epoch, rcall("HGET", prefix .. id, "data")}
end

function pull.renew(id, epoch, till)
  local lease = held(id, epoch)
  if not lease then return 0 end
  rcall("HSET", prefix .. id, "lease", epoch .. "|" .. whole(lease.at) .. "|" .. till .. "|" .. whole(lease.place))
  rcall("ZADD", LEASES, till, id)
  return 1
end

-- Costs are microseconds of one slot.
function pull.charge(id, epoch, cost)
  if not held(id, epoch) then return 0 end
  lines().charge(id, tonumber(cost))
  return 1
end

function pull.settle(id, epoch, cost)
  if not held(id, epoch) then return 0 end
  lines().ended(id, tonumber(cost))
  release(id)
  forget(id)
  return 1
end

local function putBack(id, lease, cost)
  local _, _, _, _, tenant = string.match(rcall("HGET", prefix .. id, "fair"), RUN)
  lines().ended(id, cost)
  release(id)
  rcall("HDEL", prefix .. id, "lease")
  lines().park(id, lease.place, tenant)
end

function pull.requeue(id, epoch, cost)
  local lease = held(id, epoch)
  if not lease then return 0 end
  putBack(id, lease, tonumber(cost))
  return 1
end

function pull.remove(id)
  local tenant = lines().tenantOf(id)
  if rcall("ZREM", PRIORITIZED, id) == 0 then return 0 end
  lines().unpark(id, tenant)
  forget(id)
  return 1
end

-- Puts jobs whose lease ended before `at` back, charged at least the time that they held their slot; earliest end first.
function pull.expire(at)
  local lost = {}
  for _, id in ipairs(rcall("ZRANGEBYSCORE", LEASES, "-inf", "(" .. at)) do
    local lease = rcall("HGET", prefix .. id, "lease")
    if lease then
      local epoch, since, till, place = string.match(lease, LEASE)
      table.insert(lost, { id = id, epoch = tonumber(epoch), at = tonumber(since), till = tonumber(till), place = tonumber(place) })
    else
      release(id)
    end
  end
  table.sort(lost, function(a, b) return a.till < b.till or (a.till == b.till and a.epoch < b.epoch) end)
  local ids = {}
  for n, job in ipairs(lost) do
    local _, _, charged = string.match(rcall("HGET", prefix .. job.id, "fair"), RUN)
    putBack(job.id, job, math.max(tonumber(charged), (job.till - job.at) * 1000))
    ids[n] = job.id
  end
  return ids
end

-- Those of the ids that neither wait nor are claimed. What someone moved elsewhere by BullMQ's tools is forgotten, so
-- that it can be added again.
function pull.absent(ids)
  local absent = {}
  for _, id in ipairs(ids) do
    if not rcall("ZSCORE", PRIORITIZED, id) and not rcall("ZSCORE", LEASES, id) then
      if not rcall("LPOS", prefix .. "wait", id) then
        forget(id)
        table.insert(absent, id)
      end
    end
  end
  return absent
end

function pull.removeTenant(tenant)
  local value = tonumber(rcall("HGET", WEIGHTS, tenant) or 0)
  local waiting, running = rcall("ZCARD", prefix .. "fair:q:" .. tenant), floor(value / ONE)
  if waiting + running == 0 then
    for _, name in ipairs({"w", "b", "f"}) do rcall("HDEL", prefix .. "fair:" .. name, tenant) end
    for _, name in ipairs({"t", "i"}) do rcall("ZREM", prefix .. "fair:" .. name, tenant) end
  end
  return {waiting, running}
end

-- How many jobs are served before this one, were nothing to change: servedBefore of src/qos/tags.ts, summed.
function pull.position(id)
  local tenant = lines().tenantOf(id)
  local line = prefix .. "fair:q:" .. tenant
  local ahead, F = rcall("ZRANK", line, id), rcall("ZSCORE", TAGS, tenant)
  if not ahead or not F or not lines().serves(tenant, rcall("ZSCORE", line, id)) then return nil end
  local function step(name) return span(tonumber(rcall("HGET", WEIGHTS, name) or 0), @ESTIMATE@) end
  local at, before = F + ahead * step(tenant), ahead
  local active = rcall("ZRANGE", TAGS, 0, -1, "WITHSCORES")
  for n = 1, #active, 2 do
    local other = active[n]
    if other ~= NOW and other ~= tenant then
      local gap, size = at - active[n + 1], step(other)
      local first = other < tenant and floor(gap / size) + 1 or math.ceil(gap / size)
      before = before + math.max(0, math.min(first, lines().servedIn(other)))
    end
  end
  return before
end
