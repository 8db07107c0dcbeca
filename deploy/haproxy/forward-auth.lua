-- Asks Tokenhouse whether a request may pass, and tells the service who sends it.
--
--   http-request lua.forward-auth ADDRESS HEADERS
--
-- ADDRESS (host:port) is where to ask; HEADERS are the names, separated by commas, of what the answer says for the
-- service. They replace what the client sent; one that is empty or missing is taken away. Any answer but 200 is the
-- client's answer, and when there is none it is 503: nothing passes that was not allowed.

-- What goes along of the client's own headers: who asks, and in which form and language she reads an answer.
local PASSED = { "cookie", "accept", "accept-language", "x-request-id" }
-- What comes back to the client with a refusal.
local RETURNED = { "location", "content-type", "retry-after", "cache-control", "x-request-id" }

-- HAProxy counts the values of a header from 0.
local function first(headers, name)
    local values = headers and headers[name]
    return values and values[0] or nil
end

local function asked(txn)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-proto"] = { txn.sf:ssl_fc() == "1" and "https" or "http" },
        ["x-forwarded-host"] = { first(sent, "host") or "" },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(PASSED) do
        local values = sent[name]
        if values then
            local all = {}
            for place = 0, #values do
                all[#all + 1] = values[place]
            end
            headers[name] = all
        end
    end
    return headers
end

local function refuse(txn, status, answer)
    local reply = txn:reply({ status = status })
    for _, name in ipairs(RETURNED) do
        local value = first(answer.headers, name)
        if value then
            reply:add_header(name, value)
        end
    end
    reply:set_body(answer.body or "")
    txn:done(reply)
end

core.register_action("forward-auth", { "http-req" }, function(txn, address, names)
    local answer = core.httpclient():get({
        url = "http://" .. address .. "/api/authz/forward-auth",
        headers = asked(txn),
        timeout = 12000,
    }) or {}
    local status = tonumber(answer.status) or 0
    if status ~= 200 then
        if status < 300 then
            core.Warning("forward-auth: no answer from " .. address)
            answer, status = { headers = { ["retry-after"] = { [0] = "1" } } }, 503
        end
        return refuse(txn, status, answer)
    end
    for name in string.gmatch(names, "[^,]+") do
        local value = first(answer.headers, name)
        if value and value ~= "" then
            txn.http:req_set_header(name, value)
        else
            txn.http:req_del_header(name)
        end
    end
end, 2)
