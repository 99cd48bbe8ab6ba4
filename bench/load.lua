-- Sends the bodies of a file (one a line) in turn, with the headers that are given as `Name: value`, and prints what the driver reads: one line of JSON.
local bodies, at, wrong = {}, 0, 0
local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    local headers = {["Content-Type"] = "application/json", ["Accept"] = "application/json"}
    for i = 2, #args do
        local name, value = args[i]:match("^([^:]+): (.*)$")
        headers[name] = value
    end
    for line in io.lines(args[1]) do
        bodies[#bodies + 1] = wrk.format("POST", nil, headers, line)
    end
end

function request()
    at = at % #bodies + 1
    return bodies[at]
end

function done(summary, latency)
    local e = summary.errors
    print(string.format('RESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"bytes":%d,"errors":%d}', summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), summary.bytes, e.connect + e.read + e.write + e.status + e.timeout))
end
