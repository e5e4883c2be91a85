-- F = F + change, wherever the tenant is.
function advance(tenant, change)
  if not rcall("ZADD", TAGS, "XX", "INCR", change, tenant) then lines().advanceOutside(tenant, change) end
end

-- A run has ended, well or badly: its charge becomes its cost, which is what was reported or else the time it took.
-- `run` is what the job's hash says of it; false or "" when it has ended before.
function ended(run, cost)
  if not run or run == "" then return end
  local seconds, micros, charged, reported, tenant = string.match(run, RUN)
  cost = cost or tonumber(reported) or since(seconds, micros)
  if cost < 0 then cost = 0 elseif cost > @MOST@ then cost = @MOST@ end
  advance(tenant, span(rcall("HINCRBY", WEIGHTS, tenant, "-1048576"), cost - charged))
end

local begun -- what the hash of the job last taken is to say of its run
local meta -- of the queue, where it is read once
local seldom -- whether only one dispatch of eight looks for strays

-- Takes the job that is served next to BullMQ's list `active`, and gives its id and its place in the line: V = max(V, S), and the estimate is charged. Ids whose job
-- went in one of BullMQ's sweeps (drain, clean) are passed over.
local function take(prioritized, active)
  time = time or rcall("TIME")
  -- What BullMQ itself put there goes into its tenant's line first.
  if (not seldom or time[2] % 8 == 0) and rcall("ZCOUNT", prioritized, "-inf", "@STRAYS@") > 0 then lines().adoptStrays() end
  while true do
    local first = rcall("ZRANGE", TAGS, "0", "1", "WITHSCORES")
    local tenant, S = first[1], first[2]
    -- When V comes first, S is V or later; when it does not, S is V or earlier.
    local later = tenant == NOW
    if later then tenant, S = first[3], first[4] end
    if not tenant then
      if not lines().rebuilt() then return nil end
    else
      local head = rcall("ZPOPMIN", prefix .. "fair:q:" .. tenant)
      local id = head[1]
      if not id then
        lines().leave(tenant)
      elseif rcall("ZREM", prioritized, id) == 1 then
        rcall("LPUSH", active, id)
        begun = time[1] .. "." .. time[2] .. "|@ESTIMATE@||" .. tenant
        local value = rcall("HINCRBY", WEIGHTS, tenant, "1048576")
        local F = S + span(value, @ESTIMATE@)
        if later then rcall("ZADD", TAGS, F, tenant, S, NOW) else rcall("ZADD", TAGS, F, tenant) end
        if value % ONE >= LIMITED then lines().newHead(tenant) end
        return id, head[2]
      end
    end
  end
end
