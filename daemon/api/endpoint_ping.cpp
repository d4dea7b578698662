#include "core/crypto.hpp"
#include "daemon/api/delivery_json.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon {

using dispatch::AttemptResult;
using dispatch::EventContent;

namespace {

constexpr std::string_view kPingType = "endpoint.ping";

// An id like that of any event of this moment, though no such event is stored: the low bits are
// drawn, because only the writer can hand out the numbers of rows.
EventId ping_event_id(TimePoint now) {
    const std::string bytes = random_bytes(3);
    std::int64_t low = 0;
    for (const char byte : bytes) low = low << 8 | static_cast<unsigned char>(byte);
    return EventId{first_id_at(now) | (low & ((std::int64_t{1} << kIdLowBits) - 1))};
}

std::shared_ptr<const EventContent> ping_event(const ApiCall& call, EndpointId endpoint) {
    const TimePoint now = call.around.clock.now();
    const IdCodec& ids = call.around.store.ids;
    EventContent event;
    event.id = ping_event_id(now);
    event.account = call.identity.account;
    event.livemode = call.identity.livemode;
    event.type = kPingType;
    event.trace_id = ids.encode(event.id);
    event.trace = call.trace.value_or(TraceContext{});
    event.created_at = now;
    JsonWriter writer{event.object};
    writer.begin_object();
    writer.member("object", "webhook_endpoint");
    writer.member("id", ids.encode(endpoint));
    writer.end_object();
    return std::make_shared<const EventContent>(std::move(event));
}

std::string ping_body(const AttemptResult& result) {
    const bool delivered = result.error == storage::AttemptError::none;
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member_boolean("delivered", delivered);
    writer.key("status");
    result.status == 0 ? writer.null() : writer.integer(result.status);
    writer.member_or_null("error", delivered ? std::string_view{} : to_text(result.error));
    const auto milliseconds =
        std::chrono::round<std::chrono::milliseconds>(result.phases.total).count();
    writer.member_integer("duration_ms", milliseconds);
    append_response(writer, {result.response_headers, result.response_body});
    writer.end_object();
    return body;
}

}  // namespace

net::Task<HttpReply> ping_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    if (const auto error = check_body_is_empty(call.request.body)) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    const auto endpoint = call.around.endpoints.find(name->id);
    const bool visible = endpoint != nullptr && endpoint->account == name->owner.account
                         && endpoint->livemode == name->owner.livemode;
    if (!visible) co_return no_endpoint_reply();
    if (!call.around.dispatcher.is_running()) {
        co_return conflict_reply("Nothing is sent now: delivery.enabled is false, or Postern stops"
        );
    }
    auto asking = answered_before(call);
    const auto before = co_await std::move(asking);
    if (before) co_return *before;
    auto event = ping_event(call, name->id);
    auto sending = call.around.dispatcher.send_now(endpoint, event, call.thread);
    const std::optional<AttemptResult> result = co_await std::move(sending);
    if (!result) {
        HttpReply busy = error_reply(
            {.status = 429,
             .code = "RATE_LIMITED",
             .message = "Too many test events are under way; try again in a moment"}
        );
        busy.fields.push_back({"Retry-After", "1"});
        co_return busy;
    }
    const HttpReply made = json_reply(ping_body(*result));
    const OnceWork keep = [&made](storage::Transaction&) {
        return Result<HttpReply, storage::StoreError>{made};
    };
    auto keeping = write_once(call, keep);
    co_return co_await std::move(keeping);
}

}  // namespace postern::daemon
