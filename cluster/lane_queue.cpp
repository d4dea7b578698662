#include "cluster/lane_queue.hpp"

#include "cluster/lane_scripts.hpp"
#include "core/numbers.hpp"

#include <utility>

namespace postern::cluster {

using redis::Answer;
using redis::Failure;
using redis::Reply;

namespace {

// A repair of less is a matter of the moment at which each side was read.
constexpr std::chrono::microseconds kCompareTolerance = std::chrono::seconds{1};

std::string_view next_part(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

std::int64_t number_or_zero(std::string_view text) {
    return parse_integer(text).value_or(0);
}

std::string microseconds_text(std::chrono::microseconds duration) {
    return std::to_string(duration.count());
}

Failure misunderstood() {
    return {Failure::Kind::refused, "the script's answer has another shape than ours"};
}

bool has_state(const Reply& reply) {
    return reply.kind == Reply::Kind::array && !reply.items.empty()
           && reply.items.front().kind == Reply::Kind::integer;
}

ShardState state_of(const Reply& reply) {
    return reply.items.front().integer == 0 ? ShardState::filled : ShardState::flushed;
}

Result<ShardState, Failure> only_state(const Answer& answer) {
    if (!answer) return answer.error();
    if (!has_state(*answer)) return misunderstood();
    return state_of(*answer);
}

// endpoint:fence
Leased leased_of(const Reply& item) {
    std::string_view text = item.text;
    const EndpointId endpoint{number_or_zero(next_part(text, ':'))};
    return {.endpoint = endpoint, .fence = number_or_zero(text)};
}

std::vector<Leased> leased_from(const Reply& reply, std::size_t first) {
    std::vector<Leased> lanes;
    for (std::size_t i = first; i < reply.items.size(); ++i) {
        lanes.push_back(leased_of(reply.items[i]));
    }
    return lanes;
}

LaneQueue::WantAnswer::Item want_item(const Reply& item) {
    using Verdict = LaneQueue::WantAnswer::Verdict;
    std::string_view text = item.text;
    const std::string_view verdict = next_part(text, ':');
    if (verdict == "ours") return {.verdict = Verdict::ours, .fence = number_or_zero(text)};
    return {.verdict = verdict == "other" ? Verdict::told_other : Verdict::later};
}

}  // namespace

std::vector<LaneCall> parse_lane_calls(std::string_view message) {
    std::vector<LaneCall> calls;
    while (!message.empty()) {
        std::string_view item = next_part(message, ' ');
        LaneCall call;
        call.endpoint = EndpointId{number_or_zero(next_part(item, ':'))};
        call.number = number_or_zero(next_part(item, ':'));
        call.wait = Microseconds{number_or_zero(next_part(item, ':'))};
        call.queue = next_part(item, ':') == "1" ? storage::DeliveryQueue::retry
                                                 : storage::DeliveryQueue::fresh;
        call.delivery = DeliveryId{number_or_zero(item)};
        if (call.endpoint.value != 0) calls.push_back(call);
    }
    return calls;
}

std::optional<ShardDue> parse_shard_due(std::string_view message) {
    const auto shard = parse_integer(next_part(message, ':'));
    const auto wait = parse_integer(message);
    const auto shards = static_cast<std::int64_t>(kLaneShards);
    if (!shard || !wait || *shard < 0 || *shard >= shards) return std::nullopt;
    return ShardDue{{static_cast<std::size_t>(*shard)}, Microseconds{*wait}};
}

LaneQueue::LaneQueue(redis::Client& client, Options options)
    : client_{client}, options_{std::move(options)} {}

std::vector<std::string> LaneQueue::arguments(LaneShard shard, std::chrono::milliseconds lease)
    const {
    return {
        options_.prefix,
        std::to_string(shard.number),
        std::to_string(node_),
        microseconds_text(lease)};
}

net::Task<Answer>
LaneQueue::run(const redis::Script& script, LaneShard shard, std::vector<std::string> arguments) {
    std::vector<std::string> keys = lane_keys(options_.prefix, shard);
    co_return co_await client_.run(script, std::move(keys), std::move(arguments));
}

LaneQueue::Asked<LaneQueue::WantAnswer>
LaneQueue::want(LaneShard shard, std::vector<LaneCall> calls) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    for (const LaneCall& call : calls) {
        list.push_back(std::to_string(call.endpoint.value));
        list.push_back(microseconds_text(call.wait));
        list.push_back(call.queue == storage::DeliveryQueue::retry ? "1" : "0");
        list.push_back(std::to_string(call.delivery.value));
    }
    const Answer answer = co_await run(want_script(), shard, std::move(list));
    if (!answer) co_return answer.error();
    if (!has_state(*answer) || answer->items.size() != calls.size() + 1) co_return misunderstood();
    WantAnswer result{.state = state_of(*answer)};
    for (std::size_t i = 1; i < answer->items.size(); ++i) {
        result.items.push_back(want_item(answer->items[i]));
    }
    co_return result;
}

LaneQueue::Asked<LaneQueue::ClaimAnswer> LaneQueue::claim(LaneShard shard) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    list.push_back(std::to_string(options_.claim_max));
    const Answer answer = co_await run(claim_script(), shard, std::move(list));
    if (!answer) co_return answer.error();
    if (!has_state(*answer) || answer->items.size() < 2) co_return misunderstood();
    ClaimAnswer result{.state = state_of(*answer), .lanes = leased_from(*answer, 2)};
    const std::int64_t next = answer->items[1].integer;
    if (next >= 0) result.next = Microseconds{next};
    co_return result;
}

LaneQueue::Asked<LaneQueue::ExtendAnswer>
LaneQueue::extend(LaneShard shard, std::vector<EndpointId> lanes) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    for (const EndpointId lane : lanes) list.push_back(std::to_string(lane.value));
    const Answer answer = co_await run(extend_script(), shard, std::move(list));
    if (!answer) co_return answer.error();
    if (!has_state(*answer)) co_return misunderstood();
    co_return ExtendAnswer{.state = state_of(*answer), .lanes = leased_from(*answer, 1)};
}

LaneQueue::Asked<ShardState> LaneQueue::give_back(LaneShard shard, std::vector<Returned> lanes) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    for (const Returned& lane : lanes) {
        list.push_back(std::to_string(lane.endpoint.value));
        list.push_back(std::to_string(lane.fence));
        list.push_back(lane.wait ? microseconds_text(*lane.wait) : std::string{});
        list.push_back(std::to_string(lane.number_seen));
    }
    const Answer answer = co_await run(give_back_script(), shard, std::move(list));
    co_return only_state(answer);
}

LaneQueue::Asked<ShardState> LaneQueue::hand_over(LaneShard shard, std::vector<HandedOver> lanes) {
    // Short: if its owner has gone, others are to find out soon.
    std::vector<std::string> list = arguments(shard, options_.handed_over_lease);
    for (const HandedOver& lane : lanes) {
        list.push_back(std::to_string(lane.endpoint.value));
        list.push_back(std::to_string(lane.fence));
        list.push_back(std::to_string(lane.owner));
        list.push_back(microseconds_text(lane.wait));
    }
    const Answer answer = co_await run(hand_over_script(), shard, std::move(list));
    co_return only_state(answer);
}

LaneQueue::Asked<LaneQueue::Repairs>
LaneQueue::compare(LaneShard shard, std::vector<StoredDue> stored) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    list.push_back(microseconds_text(kCompareTolerance));
    for (const StoredDue& due : stored) {
        list.push_back(std::to_string(due.endpoint.value));
        list.push_back(due.wait ? microseconds_text(*due.wait) : std::string{});
    }
    const Answer answer = co_await run(compare_script(), shard, std::move(list));
    if (!answer) co_return answer.error();
    if (!has_state(*answer) || answer->items.size() != 4) co_return misunderstood();
    co_return Repairs{
        .state = state_of(*answer),
        .missing = answer->items[1].integer,
        .late = answer->items[2].integer,
        .idle = answer->items[3].integer};
}

LaneQueue::Asked<ShardState> LaneQueue::walk(LaneShard shard, Walk walk) {
    std::vector<std::string> list = arguments(shard, options_.lease);
    list.emplace_back(walk.step == WalkStep::begin ? "begin" : "end");
    list.push_back(std::to_string(walk.number));
    const Answer answer = co_await run(walk_script(), shard, std::move(list));
    co_return only_state(answer);
}

net::Task<void> LaneQueue::call_for_rebuild() {
    std::string channel = rebuild_channel(options_.prefix);
    std::string message = std::to_string(node_);
    // Who is not heard is not missed: the standing walk comes by.
    [[maybe_unused]] const Answer answer =
        co_await client_.publish(std::move(channel), std::move(message));
}

}  // namespace postern::cluster
