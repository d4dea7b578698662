#include "daemon/api/body_reader.hpp"
#include "daemon/api/delivery_json.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/delivery_service.hpp"
#include "daemon/write_once.hpp"

#include <functional>

namespace postern::daemon {

using storage::StoreError;
using storage::Transaction;

namespace {

using Views = std::vector<DeliveryView>;

struct DeliveryAction {
    std::function<Served<Deliveries>(Transaction&)> run;
    std::function<HttpReply(const Views&)> reply;
};

// The transaction, the answer as things stand in it, and the nudges once it is committed.
net::Task<HttpReply> act_and_answer(const ApiCall& call, const DeliveryAction& action) {
    std::vector<dispatch::Nudge> nudges;
    const OnceWork work = [&action, &nudges](Transaction& transaction) {
        nudges.clear();
        auto done = action.run(transaction);
        if (!done) return refusal_of(done.error());
        const auto views = view_deliveries(transaction.connection(), std::move(done->rows));
        if (!views) return Result<HttpReply, StoreError>{views.error()};
        nudges = std::move(done->nudges);
        return Result<HttpReply, StoreError>{action.reply(*views)};
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    const bool applied = reply.status == 200 && !is_replayed(reply);
    if (applied && !nudges.empty()) call.around.dispatcher.nudge(std::move(nudges));
    co_return reply;
}

HttpReply one_delivery_reply(const ApiCall& call, const Views& views) {
    std::string body;
    JsonWriter writer{body};
    append_delivery(writer, views.front(), {call.around.store.ids, call.around.dispatcher});
    return json_reply(std::move(body));
}

HttpReply all_deliveries_reply(const ApiCall& call, const Views& views) {
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const DeliveryView& view : views) {
        append_delivery(writer, view, {call.around.store.ids, call.around.dispatcher});
    }
    end_list(writer, std::nullopt);
    return json_reply(std::move(body));
}

using DeliveryFunction = Served<Deliveries> (*)(Transaction&, const DeliveryName&);

net::Task<HttpReply> change_one(const ApiCall& call, DeliveryFunction change) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    if (const auto error = check_body_is_empty(call.request.body)) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<DeliveryId>(call.path_parameters.front());
    if (!id) co_return not_found_reply("delivery");
    const DeliveryName name{owner_of(call), *id};
    DeliveryAction action;
    action.run = [&name, change](Transaction& transaction) {
        return change(transaction, name);
    };
    action.reply = [&call](const Views& views) {
        return one_delivery_reply(call, views);
    };
    auto acting = act_and_answer(call, action);
    co_return co_await std::move(acting);
}

}  // namespace

net::Task<HttpReply> retry_delivery(const ApiCall& call) {
    return change_one(call, retry_delivery_of);
}

net::Task<HttpReply> cancel_delivery(const ApiCall& call) {
    return change_one(call, cancel_delivery_of);
}

net::Task<HttpReply> resend_event(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const IdCodec& ids = call.around.store.ids;
    const auto event = ids.decode<EventId>(call.path_parameters.front());
    if (!event) co_return not_found_reply("event");
    BodyReader body{call.request.body};
    const Resend resend{
        .owner = owner_of(call),
        .event = *event,
        .endpoint = body.id<EndpointId>("endpoint_id", ids)};
    if (const auto error = body.finish()) co_return error_reply(*error);
    DeliveryAction action;
    action.run = [&call, &resend](Transaction& transaction) {
        const ApiSurroundings& around = call.around;
        return resend_event(transaction, around.endpoints, around.store.ids, resend);
    };
    action.reply = [&call](const Views& views) {
        return all_deliveries_reply(call, views);
    };
    auto acting = act_and_answer(call, action);
    co_return co_await std::move(acting);
}

}  // namespace postern::daemon
