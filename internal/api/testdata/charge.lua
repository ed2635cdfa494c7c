-- What wrk sends: charges with idempotency keys that rise, spread over 64 accounts.
-- Arguments: the bearer key, how many charges a request has (0 for the single route,
-- -1 for the echo), a word that makes the keys of this run its own, and the accounts.
local threads = 0

function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end

function init(args)
  key, size, run = args[1], tonumber(args[2]), args[3]
  accounts = {}
  for i = 4, #args do accounts[#accounts + 1] = args[i] end
  n = 0
  headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. key }
end

local function nextkey()
  n = n + 1
  return string.format("%s-%d-%010d", run, id, n)
end

function request()
  if size > 0 then
    local list = {}
    for i = 1, size do
      local k = nextkey()
      list[i] = string.format('{"account":"%s","key":"%s","tokens":1}', accounts[n % #accounts + 1], k)
    end
    return wrk.format("POST", "/api/v1/charges:batch", headers, '{"charges":[' .. table.concat(list, ",") .. "]}")
  end
  headers["Idempotency-Key"] = nextkey()
  local path = "/echo"
  if size == 0 then path = "/api/v1/accounts/" .. accounts[n % #accounts + 1] .. "/charges" end
  return wrk.format("POST", path, headers, '{"tokens":1}')
end

function done(summary, latency, _)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
