#include "cluster/lane_scripts.hpp"

#include "storage/sql_text.hpp"

namespace postern::cluster {
namespace {

using storage::sql_text;

constexpr char kCommon[] = R"lua(
local alive, due, leased, lanes, asked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local prefix, shard, node, ttl = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local flushed = tonumber(redis.call('GET', alive) or '') == nil
local answer = {flushed and 1 or 0}
local owners, messages = {}, {}

local function text(number)
    return string.format('%.0f', number)
end

local function after(wait)
    return now + tonumber(wait)
end

local function next_number()
    if flushed then return text(now) end
    return text(redis.call('INCR', alive))
end

local function holder(endpoint)
    local value = redis.call('HGET', lanes, endpoint)
    if not value then return nil end
    return string.match(value, '^(%d+):(%d+)$')
end

-- A lease that ends later than any could was counted by another server's clock, before this one
-- took its place.
local latest = now + 2 * ttl
local function expiry(endpoint)
    local at = tonumber(redis.call('ZSCORE', leased, endpoint) or '0')
    return at <= latest and at or 0
end

local function lease(endpoint, owner, length)
    local fence = next_number()
    redis.call('HSET', lanes, endpoint, owner .. ':' .. fence)
    redis.call('ZADD', leased, text(now + length), endpoint)
    redis.call('ZREM', due, endpoint)
    redis.call('HDEL', asked, endpoint)
    return fence
end

local function put_due(endpoint, at)
    redis.call('ZADD', due, 'LT', text(at), endpoint)
end

-- A message may be lost, so it is also written down until the lane is given back.
local function tell(owner, endpoint, at, queue, delivery)
    local number = next_number()
    local first = at
    local before = redis.call('HGET', asked, endpoint)
    if before then first = math.min(first, tonumber(string.match(before, ':(%d+)$'))) end
    redis.call('HSET', asked, endpoint, number .. ':' .. text(first))
    if not messages[owner] then
        messages[owner] = {}
        owners[#owners + 1] = owner
    end
    local wait = text(math.max(at - now, 0))
    table.insert(messages[owner], table.concat({endpoint, number, wait, queue, delivery}, ':'))
end

local function earliest(set)
    return tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2])
end

-- Whoever keeps a timer for this shard has to hear when it has to ring earlier; and if it should
-- have rung long since, nobody heard the last time.
local before = earliest(due)
local function publish()
    for _, owner in ipairs(owners) do
        redis.call('PUBLISH', prefix .. ':node:' .. owner, table.concat(messages[owner], ' '))
    end
    local first = earliest(due)
    if first and (not before or first < before or before < now - 1000000) then
        local wait = text(math.max(first - now, 0))
        redis.call('PUBLISH', prefix .. ':due', shard .. ':' .. wait)
    end
end
)lua";

constexpr char kWant[] = R"lua(
for i = 5, #ARGV, 4 do
    local endpoint, at = ARGV[i], after(ARGV[i + 1])
    local owner = holder(endpoint)
    if owner and owner ~= node and expiry(endpoint) > now then
        tell(owner, endpoint, at, ARGV[i + 2], ARGV[i + 3])
        answer[#answer + 1] = 'other:' .. owner
    elseif owner == node or at <= now then
        answer[#answer + 1] = 'ours:' .. lease(endpoint, node, ttl)
    elseif owner then
        put_due(endpoint, now)
        redis.call('ZREM', leased, endpoint)
        redis.call('HDEL', lanes, endpoint)
        answer[#answer + 1] = 'later:0'
    else
        put_due(endpoint, at)
        answer[#answer + 1] = 'later:0'
    end
end
publish()
return answer
)lua";

constexpr char kClaim[] = R"lua(
local most = ARGV[5]
local function end_leases(from, to)
    local ended = redis.call('ZRANGEBYSCORE', leased, from, to, 'LIMIT', 0, most)
    for _, endpoint in ipairs(ended) do
        redis.call('ZREM', leased, endpoint)
        redis.call('HDEL', lanes, endpoint)
        put_due(endpoint, now)
    end
end
end_leases('-inf', text(now))
end_leases('(' .. text(latest), '+inf')
local ready = redis.call('ZRANGEBYSCORE', due, '-inf', text(now), 'LIMIT', 0, most)
answer[2] = -1
for _, endpoint in ipairs(ready) do
    answer[#answer + 1] = endpoint .. ':' .. lease(endpoint, node, ttl)
end
local next_due, next_end = earliest(due), earliest(leased)
if next_due or next_end then
    answer[2] = math.max(math.min(next_due or next_end, next_end or next_due) - now, 0)
end
return answer
)lua";

// Another node that has it was told so by Redis; the store decides between the two.
constexpr char kExtend[] = R"lua(
for i = 5, #ARGV do
    local endpoint = ARGV[i]
    local owner, fence = holder(endpoint)
    if owner == node then
        redis.call('ZADD', leased, text(now + ttl), endpoint)
    elseif owner then
        fence = '0'
    else
        local waiting = redis.call('ZSCORE', due, endpoint)
        fence = lease(endpoint, node, ttl)
        if waiting then
            tell(node, endpoint, tonumber(waiting), '0', '0')
            tell(node, endpoint, tonumber(waiting), '1', '0')
        end
    end
    answer[#answer + 1] = endpoint .. ':' .. fence
end
publish()
return answer
)lua";

constexpr char kGiveBack[] = R"lua(
for i = 5, #ARGV, 4 do
    local endpoint = ARGV[i]
    local owner, fence = holder(endpoint)
    local at = ARGV[i + 2] ~= '' and after(ARGV[i + 2]) or nil
    if owner and owner ~= node then
        if at then
            tell(owner, endpoint, at, '0', '0')
            tell(owner, endpoint, at, '1', '0')
        end
    elseif not owner or fence == ARGV[i + 1] then
        local number, wanted = string.match(
            redis.call('HGET', asked, endpoint) or '', '^(%d+):(%d+)$'
        )
        if number and tonumber(number) > tonumber(ARGV[i + 3]) then
            at = math.min(at or tonumber(wanted), tonumber(wanted))
        end
        redis.call('HDEL', asked, endpoint)
        redis.call('HDEL', lanes, endpoint)
        redis.call('ZREM', leased, endpoint)
        if at then put_due(endpoint, at) end
    end
end
publish()
return answer
)lua";

constexpr char kHandOver[] = R"lua(
for i = 5, #ARGV, 4 do
    local endpoint = ARGV[i]
    local owner, fence = holder(endpoint)
    if owner == node and fence == ARGV[i + 1] then
        lease(endpoint, ARGV[i + 2], ttl)
        tell(ARGV[i + 2], endpoint, after(ARGV[i + 3]), '0', '0')
        tell(ARGV[i + 2], endpoint, after(ARGV[i + 3]), '1', '0')
    end
end
publish()
return answer
)lua";

// What has nothing to wait for is made due instead of being taken away: whoever serves it looks and
// gives it back for good, and nothing that was stored meanwhile is forgotten.
constexpr char kCompare[] = R"lua(
local tolerance = tonumber(ARGV[5])
local missing, late, idle = 0, 0, 0
for i = 6, #ARGV, 2 do
    local endpoint, wait = ARGV[i], ARGV[i + 1]
    if expiry(endpoint) <= now then
        redis.call('HDEL', lanes, endpoint)
        redis.call('ZREM', leased, endpoint)
        local score = tonumber(redis.call('ZSCORE', due, endpoint) or '')
        if wait == '' then
            if score and score > now then
                put_due(endpoint, now)
                idle = idle + 1
            end
        elseif not score then
            put_due(endpoint, after(wait))
            missing = missing + 1
        elseif score > after(wait) + tolerance then
            put_due(endpoint, after(wait))
            late = late + 1
        end
    end
end
publish()
return {answer[1], missing, late, idle}
)lua";

// The shard is full again only if nobody emptied it during the walk.
constexpr char kWalk[] = R"lua(
local step, walk = ARGV[5], 'walk:' .. ARGV[6]
if flushed and step == 'begin' then
    redis.call('SET', alive, walk)
elseif flushed and redis.call('GET', alive) == walk then
    redis.call('SET', alive, text(now))
    answer[1] = 0
end
return answer
)lua";

constexpr auto kWantText = sql_text(kCommon, kWant);
constexpr auto kClaimText = sql_text(kCommon, kClaim);
constexpr auto kExtendText = sql_text(kCommon, kExtend);
constexpr auto kGiveBackText = sql_text(kCommon, kGiveBack);
constexpr auto kHandOverText = sql_text(kCommon, kHandOver);
constexpr auto kCompareText = sql_text(kCommon, kCompare);
constexpr auto kWalkText = sql_text(kCommon, kWalk);

}  // namespace

const redis::Script& want_script() {
    static const redis::Script script{kWantText.data()};
    return script;
}

const redis::Script& claim_script() {
    static const redis::Script script{kClaimText.data()};
    return script;
}

const redis::Script& extend_script() {
    static const redis::Script script{kExtendText.data()};
    return script;
}

const redis::Script& give_back_script() {
    static const redis::Script script{kGiveBackText.data()};
    return script;
}

const redis::Script& hand_over_script() {
    static const redis::Script script{kHandOverText.data()};
    return script;
}

const redis::Script& compare_script() {
    static const redis::Script script{kCompareText.data()};
    return script;
}

const redis::Script& walk_script() {
    static const redis::Script script{kWalkText.data()};
    return script;
}

}  // namespace postern::cluster
