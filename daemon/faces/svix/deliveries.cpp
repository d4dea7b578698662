#include "daemon/api/replies.hpp"
#include "daemon/delivery_service.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/endpoint.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"
#include "daemon/faces/svix/message.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::DeliveryRow;
using storage::EventRow;
using storage::StoreError;
using storage::Transaction;

namespace {

struct MessageWish {
    PageWish page;
    std::optional<EventId> from;
    MessageFilter filter;
    std::optional<MessageStatus> status;
    Content content = Content::shown;
};

struct DeliveredMessage {
    DeliveryRow delivery;
    EventRow event;
};

struct DeliveredPage {
    std::vector<DeliveredMessage> messages;
    std::optional<EventId> reached;  // the last one looked at
    ListBorders::Rest rest = ListBorders::Rest::none;
};

MessageWish read_wish(Query& query, const ApiCall& call) {
    MessageWish wish;
    wish.page = read_page(query);
    wish.filter = read_message_filter(query);
    if (const auto status = query.integer("status")) {
        wish.status = message_status_from_number(*status);
        if (!wish.status) query.complain("status", "must be from 0 to 4");
    }
    if (!query.flag("with_content").value_or(true)) wish.content = Content::hidden;
    query.flag("expanded_statuses");
    if (!wish.page.from) return wish;
    const auto id = call.around.store.ids.decode<MessageId>(*wish.page.from);
    if (id) wish.from = EventId{id->value};
    if (!id) complain_about_iterator(query);
    return wish;
}

enum class Wanted { no, yes };
Wanted judge(const DeliveredMessage& message, const MessageWish& wish, const ApiCall& call) {
    if (wish.status && status_of(message.delivery, call.around.dispatcher) != *wish.status) {
        return Wanted::no;
    }
    return wish.filter.admits(message.event) ? Wanted::yes : Wanted::no;
}

enum class Full { no, yes };
Full take(DeliveredPage& page, DeliveredMessage message, const MessageWish& wish, Wanted wanted) {
    if (wanted == Wanted::yes && page.messages.size() == wish.page.rows_max) {
        page.rest = ListBorders::Rest::some;
        return Full::yes;
    }
    page.reached = message.event.id;
    if (wanted == Wanted::yes) page.messages.push_back(std::move(message));
    return Full::no;
}

// The iterator is a message's id, and the list stands by delivery: the delivery of that message is
// the border.
Result<std::optional<DeliveryId>, StoreError>
border_of(Connection& connection, postern::EndpointId endpoint, const MessageWish& wish) {
    if (!wish.from) return std::optional<DeliveryId>{};
    const auto row =
        storage::find_delivery_of(connection, {.event = *wish.from, .endpoint = endpoint});
    if (!row) return row.error();
    if (!*row) return std::optional<DeliveryId>{};
    return std::optional{(*row)->id};
}

Result<DeliveredPage, StoreError> read_delivered(
    Connection& connection,
    const ApiCall& call,
    postern::EndpointId endpoint,
    const MessageWish& wish
) {
    const auto border = border_of(connection, endpoint, wish);
    if (!border) return border.error();
    DeliveredPage page;
    if (wish.from && !*border) return page;  // swept away, and so is everything older
    storage::PageRequest<DeliveryId> request{.after = *border, .order = wish.page.read_order()};
    const storage::DeliveryFilter filter{.endpoint = endpoint};
    for (std::size_t looked_at = 0; looked_at < kRowsLookedAtMax;) {
        const auto rows = storage::list_deliveries(connection, filter, request);
        if (!rows) return rows.error();
        for (const DeliveryRow& row : rows->rows) {
            request.after = row.id;
            auto event = storage::find_event(connection, row.event);
            if (!event) return event.error();
            if (!*event) continue;
            DeliveredMessage message{.delivery = row, .event = std::move(**event)};
            const Wanted wanted = judge(message, wish, call);
            if (take(page, std::move(message), wish, wanted) == Full::yes) return page;
        }
        looked_at += rows->rows.size();
        if (rows->more == storage::Page<DeliveryRow>::More::no) return page;
    }
    if (page.reached) page.rest = ListBorders::Rest::some;
    return page;
}

HttpReply delivered_reply(const ApiCall& call, const MessageWish& wish, DeliveredPage page) {
    const IdCodec& ids = call.around.store.ids;
    in_shown_order(page.messages, wish.page);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const DeliveredMessage& message : page.messages) {
        writer.begin_object();
        append_message_members(writer, message.event, ids, wish.content);
        append_progress(writer, message.delivery, call.around.dispatcher);
        writer.end_object();
    }
    ListBorders borders{.rest = page.rest};
    if (!page.messages.empty()) {
        borders.first = ids.encode(MessageId{page.messages.front().event.id.value});
        borders.last = ids.encode(MessageId{page.messages.back().event.id.value});
    }
    if (page.reached && page.rest == ListBorders::Rest::some) {
        const bool onward = wish.page.direction == PageWish::Direction::onward;
        (onward ? borders.last : borders.first) = ids.encode(MessageId{page.reached->value});
    }
    end_list(writer, borders);
    return json_reply(std::move(body));
}

// All of them: a message goes to few endpoints.
StoredAnswer receivers_reply(Connection& connection, const ApiCall& call, const EventRow& event) {
    const auto deliveries = storage::list_deliveries_of_event(connection, event.id);
    if (!deliveries) return deliveries.error();
    const IdCodec& ids = call.around.store.ids;
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    ListBorders borders;
    for (const DeliveryRow& delivery : *deliveries) {
        const EndpointName name{{event.account, event.livemode}, delivery.endpoint};
        const auto endpoint = find_open_endpoint(connection, call.around.secrets, name);
        if (!endpoint) return endpoint.error();
        if (!*endpoint) continue;  // deleted since
        writer.begin_object();
        append_endpoint_members(writer, **endpoint, ids);
        append_progress(writer, delivery, call.around.dispatcher);
        writer.end_object();
        borders.last = ids.encode(EndpointId{delivery.endpoint.value});
        if (!borders.first) borders.first = borders.last;
    }
    end_list(writer, borders);
    return json_reply(std::move(body));
}

HttpReply resent_reply() {
    HttpReply reply = json_reply("{}");
    reply.status = 202;
    return reply;
}

// To resend what was never sent is no mistake: the delivery is made then.
StoredAnswer resend(
    Transaction& transaction,
    const ApiCall& call,
    const AccountRow& application,
    std::vector<dispatch::Nudge>& nudges
) {
    Connection& connection = transaction.connection();
    const auto event = find_message(connection, call, application, call.path_parameters[1]);
    if (!event) return event.error();
    const auto name = find_endpoint_name(connection, call, application, call.path_parameters[2]);
    if (!name) return name.error();
    if (!*event || !*name) return not_found_reply();
    const Resend wanted{
        .owner = owner_of(call, application), .event = (*event)->id, .endpoint = (*name)->id};
    auto sent = resend_event(transaction, call.around.endpoints, call.around.store.ids, wanted);
    if (!sent) return refusal_of(sent.error());
    nudges = std::move(sent->nudges);
    return resent_reply();
}

}  // namespace

net::Task<HttpReply> list_attempted_messages(const ApiCall& call) {
    Query query{call.request.query};
    const MessageWish wish = read_wish(query, call);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work =
        [&call, &wish](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto endpoint = find_endpoint(connection, call, application, call.path_parameters[1]);
        if (!endpoint) return endpoint.error();
        if (!*endpoint) return not_found_reply();
        auto page = read_delivered(connection, call, (*endpoint)->row.id, wish);
        if (!page) return page.error();
        return delivered_reply(call, wish, std::move(*page));
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> list_attempted_endpoints(const ApiCall& call) {
    Query query{call.request.query};
    read_page(query);
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work =
        [&call](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto event = find_message(connection, call, application, call.path_parameters[1]);
        if (!event) return event.error();
        return *event ? receivers_reply(connection, call, **event) : not_found_reply();
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> resend_message(const ApiCall& call) {
    std::vector<dispatch::Nudge> nudges;
    const WriteInApplication work =
        [&call, &nudges](Transaction& transaction, const AccountRow& application) -> StoredAnswer {
        return resend(transaction, call, application, nudges);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (was_done_now(reply)) call.around.dispatcher.nudge(std::move(nudges));
    co_return reply;
}

}  // namespace postern::daemon::svix
