-- F = F + change, wherever the tenant is.
local function advance(tenant, change)
  if not rcall("ZADD", ACTIVE, "XX", "INCR", change, tenant) then
    local outside = lines()
    outside.keepOutside(tenant, outside.tagOutside(tenant) + change)
  end
end

-- One more or less of the tenant's jobs runs; gives its value in fair:w.
local function runs(tenant, jobs)
  local value = rcall("HINCRBY", WEIGHTS, tenant, jobs * RUNNING)
  if value == 0 then rcall("HDEL", WEIGHTS, tenant) end
  return value
end

local function entry(charged, since, tenant)
  return format("%.0f|%.0f|%s", charged, since, tenant)
end

-- A run that has not ended, with V on the way.
local function running(id)
  local found = rcall("HMGET", RUNS, id, id .. ":c", ":V")
  V = tonumber(found[3] or 0)
  if not found[1] then return nil end
  local charged, since, tenant = string.match(found[1], "^(%d+)|(%d+)|(.*)$")
  return { charged = tonumber(charged), since = tonumber(since), tenant = tenant, reported = found[2] }
end

-- A running job has used this much so far; what was charged before is not given back here.
local function charge(id, cost)
  local run = running(id)
  if not run then return end
  cost = math.min(MOST, cost or micros() - run.since)
  if cost <= run.charged then return end
  local value = tonumber(rcall("HGET", WEIGHTS, run.tenant))
  advance(run.tenant, span(value, cost - run.charged))
  rcall("HSET", RUNS, id, entry(cost, run.since, run.tenant))
end

-- A run has ended, well or badly: its charge becomes its cost, which is what was reported or else the time it took.
local function ended(id, cost)
  local run = running(id)
  if not run then return nil end
  cost = math.max(0, math.min(MOST, tonumber(cost or run.reported or micros() - run.since)))
  rcall("HDEL", RUNS, id, id .. ":c")
  run.change = span(runs(run.tenant, -1), cost - run.charged)
  advance(run.tenant, run.change)
  return run
end

-- BullMQ refused to end the run after all (its lock was lost): as if nothing had been.
local function notEnded(id, run)
  rcall("HSET", RUNS, id, entry(run.charged, run.since, run.tenant))
  if run.reported then rcall("HSET", RUNS, id .. ":c", run.reported) end
  runs(run.tenant, 1)
  advance(run.tenant, -run.change)
end

-- Takes the job that is served next out of its line and to the front of `wait`, where BullMQ takes it. Charges nothing
-- yet. Ids whose job went in one of BullMQ's sweeps (drain, clean) are passed over.
local function choose()
  while true do
    local first = rcall("ZRANGE", ACTIVE, 0, 0, "WITHSCORES")
    if not first[1] then return nil end
    local head = rcall("ZPOPMIN", LINE .. first[1])
    if not head[1] then
      lines().leave(first[1])
    elseif rcall("ZREM", PRIORITIZED, head[1]) == 1 then
      rcall("RPUSH", WAIT, head[1])
      return { id = head[1], s = tonumber(head[2]), tenant = first[1], S = tonumber(first[2]) }
    end
  end
end

-- The chosen job was dispatched: V = max(V, S), and the estimate is charged.
local function dispatched(chosen, estimate)
  local tenant, S = chosen.tenant, chosen.S
  if S > virtualTime() then V = S end
  rcall("HSET", RUNS, chosen.id, entry(estimate, micros(), tenant), ":V", V)
  local F = S + span(runs(tenant, 1), estimate)
  if hasLine(tenant) then
    rcall("ZADD", ACTIVE, F, tenant)
  else
    rcall("ZREM", ACTIVE, tenant)
    rcall("HSET", prefix .. "fair:f", tenant, F)
  end
end

-- BullMQ took another job than the chosen one, or none; whose job it took is charged all the same.
local function notDispatched(chosen, got, estimate)
  if chosen then lines().putBack(chosen) end
  if not got then return end
  local tenant = lines().tenantOf(got)
  rcall("HSET", RUNS, got, entry(estimate, micros(), tenant))
  advance(tenant, span(runs(tenant, 1), estimate))
end

-- Lets one of BullMQ's own functions fetch the next job after the order was decided. `fetch(true)` runs it, `fetch(false)`
-- runs it without fetching, when nothing that waits is served.
local function nextJob(timestamp, estimate, fetch)
  if rcall("EXISTS", prefix .. "delayed", WAIT) > 0 then
    lines().promote(tonumber(timestamp))
    lines().adoptWaiting(false)
  end
  -- Whatever BullMQ itself scores lies below the parked jobs.
  if rcall("ZCOUNT", PRIORITIZED, "-inf", "13510798882111488") > 0 then lines().adoptStrays() end
  local chosen = choose()
  if not chosen and rcall("ZCARD", PRIORITIZED) > 0 then
    lines().rebuild()
    chosen = choose()
    if not chosen then return fetch(false) end
  end
  local result = fetch(true)
  local got = type(result) == "table" and type(result[1]) == "table" and result[2]
  if chosen and got == chosen.id then dispatched(chosen, estimate)
  else notDispatched(chosen, got, estimate) end
  return result
end

-- The next job by BullMQ's script moveToActive, which is `active`.
local function fetchJob(active, keys, argv, estimate)
  return nextJob(argv[2], estimate, function(fetch)
    if fetch then return active(keys, argv) end
    local due = rcall("ZRANGE", keys[7], 0, 0, "WITHSCORES")
    return {0, 0, 0, due[2] and tonumber(due[2]) / 4096 or 0}
  end)
end
